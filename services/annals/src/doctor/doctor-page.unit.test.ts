import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FindingKind } from './check.ts'
import { commonKinds } from './check.ts'
import { checks } from './checks/index.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'doctor.md'), 'utf8')

/** What the page says of each check: what it looks at, and the rows of its table. */
const sections = new Map(
  page
    .split(/^##+ /m)
    .slice(1)
    .map((section) => {
      const [name = '', ...lines] = section.split('\n')
      const rows = lines.filter((line) => line.startsWith('| `')).map((line) => line.replaceAll(/ +/g, ' '))
      return [name, { looksAt: lines.find((line) => line.startsWith('Looks at ')), rows }] as const
    }),
)

function rowsOf(kinds: Readonly<Record<string, FindingKind>>): string[] {
  return Object.entries(kinds).map(
    ([name, { verdict, when, advice }]) => `| \`${name}\` | ${verdict} | ${when} | ${advice} |`,
  )
}

describe('the page about the doctor', () => {
  it('lists every check, in order, and no other', () => {
    const groups = ['Any check', 'This machine', 'Waku', 'NATS', 'MongoDB']
    const listed = [...sections.keys()].filter((name) => !groups.includes(name))
    expect(listed).toStrictEqual(checks.map(({ name }) => name))
  })

  it.for(checks)('says of $name what it looks at, what it may find, and what to do', ({ name, looksAt, kinds }) => {
    expect(sections.get(name)).toStrictEqual({ looksAt: `Looks at ${looksAt}.`, rows: rowsOf(kinds) })
  })

  it('says what any check may come to', () => {
    expect(sections.get('Any check')?.rows).toStrictEqual(rowsOf(commonKinds))
  })
})
