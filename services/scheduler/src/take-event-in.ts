import type { ScheduleEventName } from '@annals/community'
import type { StoredEvent } from '@annals/events'
import type { ScheduleDocument } from '@annals/storage'
import { schedules } from '@annals/storage'
import { advanceRow } from './advance-schedule.ts'
import { decisionId } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'

type Taken = Pick<StoredEvent<ScheduleEventName>, 'communityId' | 'id' | 'sequence'>

/** Handles any event that a schedule is folded from, unless there is nothing to be done. */
export async function takeEventIn(context: SchedulerContext, event: Taken): Promise<void> {
  const { communityId, id } = event
  if (context.own.remove(id)) return
  const row = await context.state.collection(schedules).get(communityId)
  if (row === undefined || !isTakenIn(context, event, row.value)) await advanceRow(context, communityId, row)
}

/**
 * Whether the row takes the event in, or is going to: what stands in it as decided keeps it due until whoever publishes
 * that, or somebody after him, has seen it in the log.
 */
function isTakenIn(
  { tail }: SchedulerContext,
  event: Taken,
  { schedule, decided, lastEventId }: ScheduleDocument,
): boolean {
  if (decided.length > 0) return decided.some((each) => decisionId(event.communityId, each) === event.id)
  if (lastEventId === event.id) return true
  // An earlier one, by a row that is known to be made of what the log holds.
  return event.sequence <= schedule.lastSequence && tail.reading?.lastOf(event.communityId) === schedule.lastSequence
}
