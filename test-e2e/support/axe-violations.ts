import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const program = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds on a page that somebody could not use: the rule, and where. */
export async function axeViolations(page: Page): Promise<string[]> {
  // The page lets no script in that is not its own; what is evaluated by the one who drives the browser is not held to that.
  await page.evaluate(await readFile(program, 'utf8'))
  return page.evaluate(async () => {
    interface Found {
      readonly id: string
      readonly nodes: readonly { readonly target: readonly unknown[] }[]
    }
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: readonly Found[] }> } }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
  })
}
