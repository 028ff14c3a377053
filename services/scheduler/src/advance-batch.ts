import type { ScheduleDocument, Write } from '@annals/storage'
import { VersionConflictError, schedules } from '@annals/storage'
import { advanceSchedule } from './advance-schedule.ts'
import type { OnFailure, Row } from './attempts.ts'
import { Attempts } from './attempts.ts'
import type { TakenIn } from './decide-next.ts'
import { checkPublished, decideNext, decisionId, isRemembered, publishDecisions } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'
import { takeIn } from './take-in.ts'

/** How long a claimed row is nobody else's, should this process die. A batch takes a few seconds. */
export const leaseSeconds = 30

/** Communities that are looked at one by one at the same time. */
export const sideBySide = 32

/** A row as it stands, and what it is to be. */
interface Step extends Row {
  readonly next: ScheduleDocument
}

/**
 * Does what `advanceSchedule` does for many schedules that are claimed, each step for all of them before the next one; one
 * whose row somebody else wrote is begun anew by itself.
 *
 * What anybody decides anew in the same way is published at once, and the claim keeps others away meanwhile: so most rows
 * are written once. Before anything else is published it is written down, in a row that is due when the claim would have
 * ended: nobody else takes it up meanwhile, and should this process die, somebody does.
 *
 * One that fails does not hold up the others. Never rejects.
 */
export async function advanceBatch(
  context: SchedulerContext,
  claimed: readonly Row[],
  onFailure: OnFailure,
): Promise<void> {
  const attempts = new Attempts(onFailure)
  let steps = await attempts.each(claimed, sideBySide, async (row) => {
    return stepOf(context, row, await takeIn(context, row.id, row))
  })
  while (steps.length > 0) {
    const canBePublished = (step: Step): boolean =>
      step.next.decided.length > 0 && isRemembered(context, step.next, step.value.decided)
    const remembered = steps.filter(canBePublished)
    const { written, conflicting } = await write(
      context,
      attempts,
      steps.filter((step) => !canBePublished(step)),
    )
    await attempts.each(conflicting, sideBySide, (row) => advanceSchedule(context, row.id))
    const deciding = [...remembered, ...written.filter(({ next }) => next.decided.length > 0)]
    const published = await attempts.each(deciding, deciding.length, (step) => publish(context, step))
    steps = await attempts.each(published, sideBySide, async (step) => {
      const taken = await takeIn(context, step.id, step)
      checkPublished(step.id, taken.schedule, step.next.decided)
      return stepOf(context, step, taken)
    })
  }
}

async function publish(context: SchedulerContext, step: Step): Promise<Step> {
  const { own } = context
  const { decided } = step.next
  const ids = decided.map((each) => decisionId(step.id, each))
  for (const id of ids) own.add(id)
  try {
    await publishDecisions(context, step.id, decided)
    return step
  } catch (error) {
    // One of them may come yet, when nobody expects it any more.
    for (const id of ids) own.remove(id)
    throw error
  }
}

function stepOf(context: SchedulerContext, { id, version, value }: Row, taken: TakenIn): Step {
  return { id, version, value, next: decideNext(context, taken, value) }
}

/** Writes all rows, also those that do not change: a claim is ended by a write. */
async function write(
  { clock, state }: SchedulerContext,
  attempts: Attempts,
  steps: readonly Step[],
): Promise<{ readonly written: readonly Step[]; readonly conflicting: readonly Row[] }> {
  const leaseEnd = clock.nowSeconds() + leaseSeconds
  const writes = steps.map(({ id, version, next }): Write<ScheduleDocument> => {
    return { id, value: next.decided.length > 0 ? { ...next, dueAt: leaseEnd } : next, expectedVersion: version }
  })
  const answers = (await attempts.together(steps, () => state.collection(schedules).putMany(writes))) ?? []
  return {
    written: answers.flatMap((row) => (row instanceof VersionConflictError ? [] : { ...row, next: row.value })),
    conflicting: steps.filter((_, index) => answers[index] instanceof VersionConflictError),
  }
}
