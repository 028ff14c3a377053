import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const files = ['archive-counter.ts', 'main.ts']
const source = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')

describe('the subscriber that docs/extend.md shows', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/extend.md'), 'utf8')
  const listings = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, listing]) => listing)

  it('is the one that is tested here', () => {
    for (const name of files) expect(listings).toContain(source(name))
  })

  it('has fewer than 30 lines', () => {
    const lines = files.map((name) => source(name).trimEnd().split('\n').length)
    expect(lines.reduce((sum, each) => sum + each)).toBeLessThan(30)
  })
})
