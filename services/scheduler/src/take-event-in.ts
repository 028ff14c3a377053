import type { ScheduleEventName } from '@annals/community'
import type { StoredEvent } from '@annals/events'
import type { ScheduleDocument } from '@annals/storage'
import { schedules } from '@annals/storage'
import { advanceRow } from './advance-schedule.ts'
import { decisionId } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'

type Taken = Pick<StoredEvent<ScheduleEventName>, 'name' | 'communityId' | 'id'>

/** Handles any event that a schedule is folded from, unless there is nothing to be done. */
export async function takeEventIn(context: SchedulerContext, event: Taken): Promise<void> {
  const { communityId, id } = event
  if (context.own.remove(id)) return
  const row = await context.state.collection(schedules).get(communityId)
  if (row === undefined || !isTakenIn(context, event, row.value)) await advanceRow(context, communityId, row)
}

/**
 * Whether the row takes the event in, or is going to: what stands in it as decided keeps it due until whoever publishes
 * that, or somebody after him, has seen it in the log. So does what was decided by somebody who took the row up because
 * it was due, and did not need to write it down.
 */
function isTakenIn(
  { clock }: SchedulerContext,
  event: Taken,
  { decided, lastEventId, dueAt = Infinity }: ScheduleDocument,
): boolean {
  if (decided.length > 0) return decided.some((each) => decisionId(event.communityId, each) === event.id)
  return lastEventId === event.id || (event.name === 'ArchiveDue' && dueAt <= clock.nowSeconds())
}
