import { schedules } from '@annals/storage'
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
  for (const communityId of waiting) {
    if (signal.aborted) return
    try {
      await advanceSchedule(context, communityId)
    } catch (error) {
      context.log.error({ err: error, communityId }, 'a schedule failed and is tried again when it is due')
    }
  }
}
