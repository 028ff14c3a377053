import { randomUUID } from 'node:crypto'
import { pause } from '@annals/service'
import { advanceAllSchedules } from './advance-all-schedules.ts'
import { advanceDueSchedules } from './advance-due-schedules.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** A smaller step back is a clock being trimmed, which no schedule minds. */
const setBackSeconds = 60

/** Looks at schedules as they become due, until the signal aborts. What fails is logged and tried again; never rejects. */
export async function watchDueSchedules(context: SchedulerContext, signal: AbortSignal): Promise<void> {
  const owner = randomUUID()
  // Moments are whole seconds. A clock that somebody moves may move many of them at any time.
  const pauseMilliseconds = context.config.clock === 'system' ? 1_000 : 250
  let lastLookAt: number | undefined
  // With very many schedules that takes minutes, for which those that are due do not wait.
  let allPass: Promise<void> | undefined
  // A log that lost its end may make a schedule due again that waits for next week.
  using _subscription = context.bus.onReconnect(() => (lastLookAt = undefined))
  const retry = (error: unknown): void => {
    context.log.error({ err: error }, 'schedules could not be looked at; trying again')
    // What the database did not answer to may be claimed, and no claim ends by a clock that stands.
    if (context.config.clock !== 'system') lastLookAt = undefined
  }
  while (!signal.aborted) {
    try {
      const now = context.clock.nowSeconds()
      if (allPass === undefined) {
        if (lastLookAt === undefined || now < lastLookAt - setBackSeconds)
          allPass = advanceAllSchedules(context, signal)
            .catch((error: unknown) => {
              retry(error)
              lastLookAt = undefined
            })
            .finally(() => (allPass = undefined))
        lastLookAt = now
      }
      await advanceDueSchedules(context, owner, signal)
    } catch (error) {
      retry(error)
    }
    await pause(pauseMilliseconds, signal)
  }
  await allPass
}
