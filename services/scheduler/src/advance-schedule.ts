import { isDeepStrictEqual } from 'node:util'
import type { ScheduleDecision } from '@annals/community'
import type { ScheduleDocument, Versioned } from '@annals/storage'
import { VersionConflictError, schedules } from '@annals/storage'
import { checkPublished, decideNext, publishDecisions } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'
import { takeIn } from './take-in.ts'

type Row = Versioned<ScheduleDocument>

/**
 * Brings a community's schedule up to date with the log, decides, publishes, and goes on until there is nothing more to
 * publish now. Then the row says when time alone will change that.
 *
 * A decision stands in the row, which is due at once, before it is published; it is taken out when the log shows it. So
 * after a crash between any two lines somebody finds it and publishes the very same, unless the log has it or archiving
 * was switched off meanwhile. Of two that do this at the same time one has the wrong version and starts over.
 * Where nothing has changed, nothing is written.
 * @throws DecisionNotInLogError, and what the bus and the store throw; the row is then as it was, or due at once
 */
export async function advanceSchedule(context: SchedulerContext, communityId: string): Promise<void> {
  await advanceRow(context, communityId, await context.state.collection(schedules).get(communityId))
}

/** `advanceSchedule` for whoever has just read the row; `undefined` where there is none. */
export async function advanceRow(
  context: SchedulerContext,
  communityId: string,
  readRow: Row | undefined,
): Promise<void> {
  const rows = context.state.collection(schedules)
  let row = readRow
  let published: readonly ScheduleDecision[] = []
  for (;;) {
    const taken = await takeIn(context, communityId, row)
    checkPublished(communityId, taken.schedule, published)
    const next = decideNext(context, taken, row?.value)
    if (next.decided.length === 0 && isDeepStrictEqual(next, row?.value)) return
    try {
      row = await rows.put(communityId, next, row?.version ?? 0)
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error
      row = await rows.get(communityId)
      continue
    }
    if (next.decided.length === 0) return
    await publishDecisions(context, communityId, next.decided)
    published = next.decided
  }
}
