import { describe, expect, it } from 'vitest'
import type { Findings, ProbeOutcome } from './decide-probe.ts'
import { decideProbe } from './decide-probe.ts'

const beat = { beatSeconds: 100, longestSeconds: 1_000 }

/** The findings after looks one second apart, from 1 on, and the pauses between them where chance takes no side. */
function look(...outcomes: readonly ProbeOutcome[]): { findings: Findings; pauses: number[] } {
  const pauses: number[] = []
  let findings: Findings = { repetitions: 0 }
  for (const [at, outcome] of outcomes.entries()) {
    const decision = decideProbe(findings, outcome, at + 1, beat, 0.5)
    findings = decision.findings
    pauses.push(decision.inSeconds)
  }
  return { findings, pauses }
}

describe('decideProbe', () => {
  it('knows when an announcement was found last and since when it is missing', () => {
    expect(look('found', 'missing', 'missing').findings).toEqual({ foundAt: 1, missingSince: 2, repetitions: 2 })
    expect(look('missing', 'found').findings).toEqual({ foundAt: 2, repetitions: 0 })
  })

  it('takes no answer neither for found nor for missing, and asks again sooner', () => {
    const { findings, pauses } = look('found', 'missing', 'unknown', 'unknown')
    expect(findings).toEqual({ foundAt: 1, missingSince: 2, unknownSince: 3, repetitions: 1 })
    expect(pauses.slice(2)).toEqual([60, 60])
  })

  it('pauses twice as long each time that it is missing again, up to the longest pause', () => {
    const missing = Array.from({ length: 7 }, () => 'missing' as const)
    expect(look(...missing).pauses).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000])
    expect(look('missing', 'missing', 'found').pauses).toEqual([100, 200, 100])
  })

  it('never pauses for less than the beat where announcements are repeated more often', () => {
    const often = { beatSeconds: 100, longestSeconds: 10 }
    expect(decideProbe({ repetitions: 5 }, 'missing', 1, often, 0.5).inSeconds).toBe(100)
  })

  it('spreads what came together', () => {
    const pauses = [0, 0.5, 1].map((chance) => decideProbe({ repetitions: 0 }, 'found', 1, beat, chance).inSeconds)
    expect(pauses).toEqual([75, 100, 125])
  })
})
