import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openPrometheusTools } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import type { TestContext } from 'vitest'
import { describe, expect, it } from 'vitest'
import { alerts } from './alerts.ts'
import { rulesFileName, rulesFile, ruleTestsFile } from './rules-file.ts'

const run = promisify(execFile)
const testsFileName = 'annals.rules.test.yaml'

/** A folder with the rules and their cases. */
async function writeRules(rules: string, tests: string): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'annals-rules-'))
  await writeFile(join(path, rulesFileName), rules)
  await writeFile(join(path, testsFileName), tests)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

async function promtool(test: TestContext, folder: string, ...args: string[]): Promise<{ code: number }> {
  const { promtool } = await startOrSkip(test, openPrometheusTools)
  try {
    await run(promtool, args, { cwd: folder })
    return { code: 0 }
  } catch (error) {
    return error as { code: number; stdout: string }
  }
}

describe('the alert rules', () => {
  it('are what promtool takes, and fire when they should and at no other time', async (test) => {
    expect(await promtool(test, import.meta.dirname, 'check', 'rules', rulesFileName)).toStrictEqual({ code: 0 })
    expect(await promtool(test, import.meta.dirname, 'test', 'rules', testsFileName)).toStrictEqual({ code: 0 })
  })

  it.for([
    ['never fires', 'AnnalsDeadLetters', /(alert: AnnalsDeadLetters\n +expr: ).*/, "$1'vector(0) > 1'"],
    ['always fires', 'AnnalsWrongSigner', /(alert: AnnalsWrongSigner\n +expr: ).*/, "$1'vector(1)'"],
    ['fires at once', 'AnnalsCommunityUnseeded', /(alert: AnnalsCommunityUnseeded\n.*\n +for: ).*/, '$10m'],
    ['leads to another page', 'AnnalsDeadLetters', /docs\/runbooks\/AnnalsDeadLetters\.md/, 'docs/runbooks/Other.md'],
  ] as const)('would not pass with one that %s', async ([, name, from, to], test) => {
    const broken = rulesFile().replace(from, to)
    expect(broken).not.toBe(rulesFile())
    await using folder = await writeRules(broken, ruleTestsFile(alerts.filter((each) => each.name === name)))
    expect(await promtool(test, folder.path, 'test', 'rules', testsFileName)).toMatchObject({ code: 1 })
  })

  it.for(alerts)('have cases in which $name fires, and in which it does not', ({ cases }) => {
    expect(cases.some(({ fires }) => fires !== undefined)).toBe(true)
    expect(cases.some(({ fires }) => fires === undefined)).toBe(true)
  })

  it('have names that are all different', async () => {
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length)
    expect(await readFile(join(import.meta.dirname, rulesFileName), 'utf8')).toBe(rulesFile())
  })
})
