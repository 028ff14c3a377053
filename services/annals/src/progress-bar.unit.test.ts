import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { ProgressBar } from './progress-bar.ts'

class Screen extends Writable {
  readonly writes: string[] = []
  readonly isTTY: boolean
  readonly columns = 60

  constructor(isTTY: boolean) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }

  override _write(text: string, _: unknown, done: () => void): void {
    this.writes.push(text)
    done()
  }
}

it('is drawn over on a terminal, no wider than it and no more often than can be seen', () => {
  const screen = new Screen(true)
  let now = 0
  const bar = new ProgressBar(screen, 'importing', () => now)
  bar.update(0, 'a\u001b[31mred'.repeat(20))
  now = 50
  bar.update(0.2, 'too soon')
  now = 100
  bar.update(0.5, 'half')
  expect(screen.writes).toHaveLength(2)
  for (const text of screen.writes) {
    expect(text.startsWith('\r\u001b[2K')).toBe(true)
    expect(text.slice(5)).not.toContain('\u001b')
    expect(text.slice(5).length).toBeLessThan(60)
  }
  expect(screen.writes[1]).toContain('50 %')
  bar[Symbol.dispose]()
  bar[Symbol.dispose]()
  expect(screen.writes.slice(2)).toEqual(['\r\u001b[2K'])
})

it('is a line at each tenth elsewhere', () => {
  const screen = new Screen(false)
  using bar = new ProgressBar(screen, 'importing')
  for (let i = 0; i <= 100; i++) bar.update(i / 100, `${i}`)
  expect(screen.writes).toHaveLength(10)
  expect(screen.writes[9]).toBe('importing 100 %  100\n')
})

it('takes a share of nothing for none', () => {
  const screen = new Screen(false)
  using bar = new ProgressBar(screen, 'importing')
  bar.update(Number.NaN, '')
  bar.update(7, '')
  expect(screen.writes).toEqual(['importing 100 %  \n'])
})
