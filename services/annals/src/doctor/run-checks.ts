import { StorageAuthenticationError } from '@annals/storage'
import { NatsPermissionError } from '@annals/nats'
import type { Check, Finding, FindingKind, Verdict } from './check.ts'
import { commonKinds, NotCheckedError } from './check.ts'
import type { DoctorContext } from './doctor-context.ts'

/** What came of a check; a check that finds several things has several. */
export interface Result {
  readonly check: string
  readonly verdict: Verdict
  /** Which of the check's kinds, where it is a warning or a problem. */
  readonly kind?: string
  readonly about?: string
  /** Of what is not checked: why. */
  readonly found: string
  readonly expected?: string
  readonly advice?: string
}

/** A result, and how it could be put right. */
export interface Outcome {
  readonly result: Result
  readonly fix?: () => Promise<void>
}

export interface RunChecksOptions {
  /** Overrides what the checks say themselves. */
  readonly seconds?: number
}

/** Runs checks side by side; answers in their order. None of them can fail another one, or hold it up. */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  { seconds }: RunChecksOptions = {},
): Promise<Outcome[]> {
  const wanted = checks.filter(({ isWanted }) => isWanted?.(context) ?? true)
  return (await Promise.all(wanted.map((check) => runCheck(check, context, seconds ?? check.seconds)))).flat()
}

async function runCheck(check: Check, context: DoctorContext, seconds: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const tell = (result: Omit<Result, 'check'>, fix?: Finding['fix']): void =>
    void outcomes.push({ result: { check: check.name, ...result }, ...(fix && { fix }) })
  const report = (kinds: Readonly<Record<string, FindingKind>>, kind: string, finding: Finding): void => {
    const { fix, ...rest } = finding
    const { verdict, advice } = kinds[kind] as FindingKind
    tell({ verdict, kind, ...rest, advice }, fix)
  }
  try {
    const found = await withinTime(seconds, (signal) =>
      check.look(
        context,
        (kind, finding) => {
          // Whoever comes too late is not heard.
          if (!signal.aborted) report(check.kinds, kind, finding)
        },
        signal,
      ),
    )
    if (outcomes.length === 0) tell({ verdict: 'ok', found })
  } catch (error) {
    const reason = whyNotChecked(error)
    if (reason !== undefined) tell({ verdict: 'not checked', found: reason })
    else if (error instanceof TimeOverError) report(commonKinds, 'time-out', { found: error.message })
    else report(commonKinds, 'failed', { found: error instanceof Error ? error.message : String(error) })
  }
  return outcomes
}

/** Also what this user may not ask: it may be all that a service needs, and another user may ask it. */
function whyNotChecked(error: unknown): string | undefined {
  if (error instanceof NotCheckedError) return error.message
  if (error instanceof NatsPermissionError)
    return `this NATS user may not ${error.operation} on ${error.subject}: look with one who may, such as "setup"`
  if (error instanceof StorageAuthenticationError)
    return `this MongoDB user may not ${error.operation}: look with one who may`
  return undefined
}

class TimeOverError extends Error {
  override readonly name = 'TimeOverError'

  constructor(seconds: number) {
    super(`no answer within ${seconds} s`)
  }
}

async function withinTime<T>(seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    over.abort()
    reject(new TimeOverError(seconds))
  }, seconds * 1000)
  try {
    return await Promise.race([work(over.signal), promise])
  } finally {
    clearTimeout(timer)
    // What a check left under way, such as a process that it waits for, ends with it.
    over.abort()
  }
}
