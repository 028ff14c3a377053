import type { ServiceDefinition } from '@annals/service'
import { scheduleEventNames } from '@annals/community'
import { consumerDefaults } from '@annals/service'
import { observeSchedules } from './observe-schedules.ts'
import { OwnDecisions } from './own-decisions.ts'
import type { SchedulerContext } from './scheduler-context.ts'
import { takeEventIn } from './take-event-in.ts'
import { watchDueSchedules } from './watch-due-schedules.ts'

/** Declares history syncs and ranges due, by the log and the clock. */
export const scheduler: ServiceDefinition = {
  name: 'scheduler',
  start: async (engines, signal) => {
    const context: SchedulerContext = { ...engines, own: new OwnDecisions() }
    const consumption = await engines.bus.consume(
      { ...consumerDefaults, name: 'scheduler', events: scheduleEventNames },
      (event) => takeEventIn(context, event),
    )
    const observing = observeSchedules(engines)
    const stopping = new AbortController()
    const watching = watchDueSchedules(context, AbortSignal.any([signal, stopping.signal]))
    return {
      [Symbol.asyncDispose]: async () => {
        observing[Symbol.dispose]()
        stopping.abort()
        await watching
        await consumption.drain()
      },
    }
  },
}
