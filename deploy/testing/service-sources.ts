import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

export interface Source {
  /** From the workspace's root. */
  readonly path: string
  readonly text: string
}

/** What a folder's code does when it runs: no tests. */
export function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !/(^|\/)testing\//.test(path))
    .map((path) => join(folder, path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** The arguments of each call, as they are written. */
export function callsOf(callee: string, { text }: Source): string[] {
  return [...text.matchAll(new RegExp(`\\b${callee.replaceAll('.', '\\.')}\\(`, 'g'))].map(({ index, 0: match }) =>
    untilClosed(text.slice(index + match.length)),
  )
}

function untilClosed(text: string): string {
  let open = 1
  for (const [index, character] of Array.from(text).entries()) {
    if (character === '(') open += 1
    if (character === ')') open -= 1
    if (open === 0) return text.slice(0, index)
  }
  return text
}

/** What stands before `.method(` in each call of that name, such as `context.bus`. */
export function receiversOf(method: string, { text }: Source): string[] {
  return [...text.matchAll(new RegExp(`([\\w#.]*)\\??\\.${method}\\(`, 'g'))].map(([, receiver = '']) => receiver)
}

/** The names that object literals give: `name: 'ArchiveDue'`. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\bname: '([A-Z]\w+)'/g)].map(([, name = '']) => name)
}
