import type { ScheduleDocument, Write } from '@annals/storage'
import { VersionConflictError, schedules } from '@annals/storage'
import { advanceSchedule } from './advance-schedule.ts'
import type { OnFailure, Row } from './attempts.ts'
import { Attempts } from './attempts.ts'
import type { TakenIn } from './decide-next.ts'
import { checkPublished, decideNext, decisionId, publishDecisions } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'
import { takeIn } from './take-in.ts'

/** How long a claimed row is nobody else's, should this process die. A batch takes a few seconds. */
export const leaseSeconds = 30

/** Communities that are looked at one by one at the same time. */
export const sideBySide = 32

interface Step {
  readonly row: Row
  readonly value: ScheduleDocument
}

/**
 * Does what `advanceSchedule` does for many schedules that are claimed, each step for all of them before the next one; one
 * whose row somebody else wrote is begun anew by itself. While a decision is being published its row is due when the claim
 * would have ended: nobody else takes it up meanwhile, and should this process die, somebody does.
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
    const { written, conflicting } = await write(context, attempts, steps)
    await attempts.each(conflicting, sideBySide, (row) => advanceSchedule(context, row.id))
    const deciding = written.filter(({ value }) => value.decided.length > 0)
    const published = await attempts.each(deciding, deciding.length, (row) => publish(context, row))
    steps = await attempts.each(published, sideBySide, async (row) => {
      const taken = await takeIn(context, row.id, row)
      checkPublished(row.id, taken.schedule, row.value.decided)
      return stepOf(context, row, taken)
    })
  }
}

async function publish(context: SchedulerContext, row: Row): Promise<Row> {
  const { own } = context
  const { decided } = row.value
  const ids = decided.map((each) => decisionId(row.id, each))
  for (const id of ids) own.add(id)
  try {
    await publishDecisions(context, row.id, decided)
    return row
  } catch (error) {
    // One of them may come yet, when nobody expects it any more.
    for (const id of ids) own.remove(id)
    throw error
  }
}

function stepOf(context: SchedulerContext, row: Row, taken: TakenIn): Step {
  const value = decideNext(context, taken, row.value.decided)
  if (value.decided.length === 0) return { row, value }
  return { row, value: { ...value, dueAt: context.clock.nowSeconds() + leaseSeconds } }
}

/** Writes all rows, also those that do not change: a claim is ended by a write. */
async function write(
  { state }: SchedulerContext,
  attempts: Attempts,
  steps: readonly Step[],
): Promise<{ readonly written: readonly Row[]; readonly conflicting: readonly Row[] }> {
  const writes = steps.map(({ row: { id, version }, value }): Write<ScheduleDocument> => {
    return { id, value, expectedVersion: version }
  })
  const before = steps.map(({ row }) => row)
  const answers = (await attempts.together(before, () => state.collection(schedules).putMany(writes))) ?? []
  return {
    written: answers.filter((answer): answer is Row => !(answer instanceof VersionConflictError)),
    conflicting: before.filter((_, index) => answers[index] instanceof VersionConflictError),
  }
}
