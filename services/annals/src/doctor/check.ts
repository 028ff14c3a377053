import type { DoctorContext } from './doctor-context.ts'

/** How what was found counts. `not checked` says nothing about it. */
export type Verdict = 'ok' | 'warning' | 'problem' | 'not checked'

/** One way in which something can be other than it should be. */
export interface FindingKind {
  readonly verdict: 'warning' | 'problem'
  /** When it is found, for the page that lists all. */
  readonly when: string
  /** What to do about it, in the imperative. */
  readonly advice: string
}

/** Something that is other than it should be. */
export interface Finding {
  /** Which one, where the check looks at several: a stream, a consumer, a tracker. */
  readonly about?: string
  readonly found: string
  readonly expected?: string
  /** Puts it right without overwriting or deleting anything. */
  readonly fix?: () => Promise<void>
}

export type Report<Kind extends string> = (kind: Kind, finding: Finding) => void

/** One look at one thing that the services need. It stands on its own, and names all that it may find. */
export interface Check<Kind extends string = string> {
  readonly name: string
  readonly looksAt: string
  /** After so long it is given up. */
  readonly seconds: number
  readonly kinds: Readonly<Record<Kind, FindingKind>>
  /** Whether there is something to look at in this installation; always where absent. */
  readonly isWanted?: (context: DoctorContext) => boolean
  /**
   * Reports what is wrong, and answers what is there.
   * @throws NotCheckedError where nothing can be said about it
   */
  readonly look: (context: DoctorContext, report: Report<Kind>, signal: AbortSignal) => Promise<string>
}

/** A check whose report takes the kinds that it declares, and no others. */
export function defineCheck<Kind extends string>(check: Check<Kind>): Check {
  return check
}

/** Something cannot be looked at, which is no fault of its own; the message says why. */
export class NotCheckedError extends Error {
  override readonly name = 'NotCheckedError'
}

export function warning(when: string, advice: string): FindingKind {
  return { verdict: 'warning', when, advice }
}

export function problem(when: string, advice: string): FindingKind {
  return { verdict: 'problem', when, advice }
}

/** What any check may come to. */
export const commonKinds = {
  'time-out': problem(
    'a check takes longer than it may',
    'look whether the machine, its disk or the server is overloaded or hangs; --seconds gives checks more time',
  ),
  failed: problem(
    'a check ends with an error that it does not know',
    'see what the error says; what is wrong with a connection is told by the check of that connection',
  ),
} as const satisfies Record<string, FindingKind>
