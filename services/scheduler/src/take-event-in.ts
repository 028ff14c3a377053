import type { ScheduleEventName } from '@annals/community'
import type { StoredEvent } from '@annals/events'
import { schedules } from '@annals/storage'
import { advanceSchedule } from './advance-schedule.ts'
import { decisionId } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/**
 * Handles any event that a schedule is folded from. What the row was made of last needs nothing more. Nor does what stands
 * in the row as decided: the row is due until whoever publishes it, or somebody after him, has seen it in the log.
 */
export async function takeEventIn(
  context: SchedulerContext,
  { communityId, id }: Pick<StoredEvent<ScheduleEventName>, 'communityId' | 'id'>,
): Promise<void> {
  const row = await context.state.collection(schedules).get(communityId)
  const decided = row?.value.decided ?? []
  const known = row?.value.lastEventId === id && decided.length === 0
  if (!known && !decided.some((each) => decisionId(communityId, each) === id))
    await advanceSchedule(context, communityId)
}
