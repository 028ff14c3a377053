import { describe, expect, it } from 'vitest'
import type { Result } from '../doctor/run-checks.ts'
import { examinationText } from './doctor.ts'

const missing = { check: 'streams', verdict: 'problem', kind: 'missing', advice: 'make it' } as const

function textOf(results: readonly Result[], columns?: number): string[] {
  return examinationText({ verdict: 'problem', engines: 'cluster', results, fixes: [] }, columns).split('\n')
}

describe('the text of an examination', () => {
  it('has a line for each result, and the advice once for several of the same kind', () => {
    const lines = textOf([
      { ...missing, about: 'A', found: 'nothing', expected: 'a stream' },
      { ...missing, about: 'B', found: 'nothing' },
      { check: 'clock', verdict: 'ok', found: 'they agree' },
    ])
    expect(lines.slice(0, 4)).toStrictEqual([
      'problem      streams  A: nothing (expected: a stream)',
      'problem      streams  B: nothing',
      '                      → make it',
      'ok           clock    they agree',
    ])
  })

  it('breaks lines where the terminal ends', () => {
    const found = 'word '.repeat(40).trim()
    for (const line of textOf([{ check: 'a', verdict: 'ok', found }], 60).slice(0, -3))
      expect(line.length).toBeLessThanOrEqual(60)
  })

  it('lets nothing that was found steer the terminal', () => {
    expect(textOf([{ check: 'a', verdict: 'ok', found: 'a\u001b[2Jb\u0007' }])[0]).toBe('ok           a  ab')
  })

  it('says what was fixed and what could not be', () => {
    const text = examinationText({
      verdict: 'ok',
      engines: 'cluster',
      results: [{ check: 'a', verdict: 'ok', found: 'b' }],
      fixes: [
        { check: 'streams', about: 'A' },
        { check: 'indexes', error: 'may not' },
      ],
    })
    expect(text).toContain('fixed: streams A\ncould not fix indexes: may not\n')
  })
})
