import type { ScheduleEventName } from '@annals/community'
import type { StoredEvent } from '@annals/events'
import { schedules } from '@annals/storage'
import { advanceSchedule } from './advance-schedule.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** Handles any event that a schedule is folded from; one that the row holds already needs nothing more. */
export async function takeEventIn(
  context: SchedulerContext,
  { communityId, sequence }: Pick<StoredEvent<ScheduleEventName>, 'communityId' | 'sequence'>,
): Promise<void> {
  const row = await context.state.collection(schedules).get(communityId)
  const known = row !== undefined && row.value.schedule.lastSequence >= sequence && row.value.decided.length === 0
  if (!known) await advanceSchedule(context, communityId, row)
}
