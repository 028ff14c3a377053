import { mapConcurrently } from '@annals/service'
import { schedules } from '@annals/storage'
import { sideBySide } from './advance-batch.ts'
import { advanceSchedule } from './advance-schedule.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/**
 * Looks at every schedule that waits for a moment, due or not. That moment was reckoned with the interval and the clock
 * of then: after a start the interval may be another one, and a clock that was set back may never get there.
 */
export async function advanceAllSchedules(context: SchedulerContext, signal: AbortSignal): Promise<void> {
  const waiting: string[] = []
  for await (const row of context.state.collection(schedules).list())
    if (row.value.dueAt !== undefined) waiting.push(row.id)
  // From here on it knows of each community that is looked at when something is new.
  await context.tail.catchUp(context.bus)
  await mapConcurrently(waiting, sideBySide, signal, async (communityId) => {
    try {
      await advanceSchedule(context, communityId)
    } catch (error) {
      context.log.error({ err: error, communityId }, 'a schedule failed and is tried again when it is due')
    }
  })
}
