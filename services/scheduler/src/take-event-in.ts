import type { ScheduleEventName } from '@annals/community'
import type { StoredEvent } from '@annals/events'
import { schedules } from '@annals/storage'
import { advanceSchedule } from './advance-schedule.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** Handles any event that a schedule is folded from; what the row was made of last needs nothing more. */
export async function takeEventIn(
  context: SchedulerContext,
  { communityId, id }: Pick<StoredEvent<ScheduleEventName>, 'communityId' | 'id'>,
): Promise<void> {
  const row = await context.state.collection(schedules).get(communityId)
  const known = row?.value.lastEventId === id && row.value.decided.length === 0
  if (!known) await advanceSchedule(context, communityId)
}
