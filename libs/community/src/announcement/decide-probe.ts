/** What came of a look for an announcement as somebody new would find it. `unknown`: nobody answered. */
export type ProbeOutcome = 'found' | 'missing' | 'unknown'

/** What is known of an announcement by looking. Times are Unix seconds of one clock. */
export interface Findings {
  /** When it was found last. */
  readonly foundAt?: number | undefined
  /** Since when it is missing, by the looks; absent while it is not. */
  readonly missingSince?: number | undefined
  /** Since when nobody answered; absent while somebody does. */
  readonly unknownSince?: number | undefined
  /** How often it was found missing, and published again, without being found in between. */
  readonly repetitions: number
}

export interface ProbeBeat {
  readonly beatSeconds: number
  /** No two looks are further apart: as often it is announced anew in any case. */
  readonly longestSeconds: number
}

/** So soon it is asked again where nobody answered. */
const unansweredSeconds = 60
/** Each pause is longer or shorter by up to a quarter, so that what came together does not stay together. */
const spread = 0.25

/**
 * What is known after a look, and in how many seconds to look again. A chat that keeps nothing is not filled without end: each time
 * that the announcement is missing again, the pause is twice as long.
 * @param chance from 0 to 1
 */
export function decideProbe(
  before: Findings,
  outcome: ProbeOutcome,
  nowSeconds: number,
  beat: ProbeBeat,
  chance: number,
): { readonly findings: Findings; readonly inSeconds: number } {
  const findings = afterLook(before, outcome, nowSeconds)
  const usual = pauseSeconds(findings.repetitions, beat)
  const wanted = outcome === 'unknown' ? Math.min(unansweredSeconds, usual) : usual
  return { findings, inSeconds: wanted * (1 - spread + 2 * spread * chance) }
}

function afterLook(before: Findings, outcome: ProbeOutcome, nowSeconds: number): Findings {
  const { foundAt, missingSince, unknownSince, repetitions } = before
  switch (outcome) {
    case 'found':
      return { foundAt: nowSeconds, repetitions: 0 }
    case 'missing':
      return { foundAt, missingSince: missingSince ?? nowSeconds, repetitions: repetitions + 1 }
    case 'unknown':
      return { foundAt, missingSince, unknownSince: unknownSince ?? nowSeconds, repetitions }
    default:
      throw new TypeError(`there is no outcome ${String(outcome satisfies never)}`)
  }
}

function pauseSeconds(repetitions: number, { beatSeconds, longestSeconds }: ProbeBeat): number {
  // The first repetition is looked for after the usual time.
  const longer = beatSeconds * 2 ** Math.min(Math.max(0, repetitions - 1), 30)
  return Math.min(longer, Math.max(beatSeconds, longestSeconds))
}
