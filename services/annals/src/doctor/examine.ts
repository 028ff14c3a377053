import { checks } from './checks/index.ts'
import type { Verdict } from './check.ts'
import type { DoctorOptions } from './doctor-context.ts'
import { DoctorContext } from './doctor-context.ts'
import type { Outcome, Result, RunChecksOptions } from './run-checks.ts'
import { runChecks } from './run-checks.ts'

export interface ExamineOptions extends DoctorOptions, RunChecksOptions {
  /** Puts right what can be put right without overwriting or deleting anything, and looks again. */
  readonly fix?: boolean
}

/** What was tried to put something right. */
export interface Fix {
  readonly check: string
  readonly about?: string
  /** Why it failed; absent where it is done. */
  readonly error?: string
}

/** What a look at everything found. */
export interface Examination {
  /** The worst of the results; what is not checked does not count. */
  readonly verdict: Exclude<Verdict, 'not checked'>
  readonly engines: 'embedded' | 'cluster'
  readonly results: readonly Result[]
  readonly fixes: readonly Fix[]
}

/** Looks at all that the services need, for whichever set the settings choose. Never rejects for what it finds. */
export async function examine(options: ExamineOptions): Promise<Examination> {
  await using context = new DoctorContext(options)
  const outcomes = await runChecks(checks, context, options)
  const fixes = options.fix === true ? await applyFixes(outcomes) : []
  if (fixes.length === 0) return toExamination(context, outcomes, fixes)
  // Anew, as the first one remembers what it saw.
  await using after = new DoctorContext(options)
  return toExamination(after, await runChecks(checks, after, options), fixes)
}

async function applyFixes(outcomes: readonly Outcome[]): Promise<Fix[]> {
  const fixes: Fix[] = []
  for (const { result, fix } of outcomes) {
    if (fix === undefined) continue
    const { check, about } = result
    const done = { check, ...(about !== undefined && { about }) }
    try {
      await fix()
      fixes.push(done)
    } catch (error) {
      fixes.push({ ...done, error: error instanceof Error ? error.message : String(error) })
    }
  }
  return fixes
}

function toExamination({ engines }: DoctorContext, outcomes: readonly Outcome[], fixes: readonly Fix[]): Examination {
  const results = outcomes.map(({ result }) => result)
  const verdict = (['problem', 'warning'] as const).find((worst) => results.some((each) => each.verdict === worst))
  return { verdict: verdict ?? 'ok', engines, results, fixes }
}
