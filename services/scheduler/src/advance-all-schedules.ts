import type { ScheduleDocument, Versioned } from '@annals/storage'
import { mapConcurrently } from '@annals/service'
import { schedules } from '@annals/storage'
import { sideBySide } from './advance-batch.ts'
import { advanceRow } from './advance-schedule.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/**
 * Looks at every schedule that waits for a moment, due or not. That moment was reckoned with the interval and the clock
 * of then: after a start the interval may be another one, and a clock that was set back may never get there.
 * @throws what the store throws where schedules cannot be listed
 */
export async function advanceAllSchedules(context: SchedulerContext, signal: AbortSignal): Promise<void> {
  let count = 0
  await mapConcurrently(waiting(context), sideBySide, signal, async (row) => {
    try {
      await advanceRow(context, row.id, row)
      count += 1
    } catch (error) {
      context.log.error({ err: error, communityId: row.id }, 'a schedule failed and is tried again when it is due')
    }
  })
  if (!signal.aborted) context.log.info({ schedules: count }, 'looked at all schedules')
}

async function* waiting({ state }: SchedulerContext): AsyncGenerator<Versioned<ScheduleDocument>> {
  for await (const row of state.collection(schedules).list()) if (row.value.dueAt !== undefined) yield row
}
