import type { ScheduleDocument, Versioned } from '@annals/storage'
import { evolveSchedule, initialSchedule, scheduleEventNames } from '@annals/community'
import { lastOf, projectCommunity } from '@annals/service'
import type { TakenIn } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** A community's schedule as the log has it now, from its row on. */
export async function takeIn(
  { bus }: SchedulerContext,
  communityId: string,
  row: Versioned<ScheduleDocument> | undefined,
): Promise<TakenIn> {
  const { state: schedule, last } = await projectCommunity(
    bus,
    { communityId, names: scheduleEventNames, initial: initialSchedule, evolve: evolveSchedule },
    {
      state: row?.value.schedule ?? initialSchedule,
      last: lastOf(row?.value.schedule.lastSequence, row?.value.lastEventId),
    },
  )
  return last === undefined ? { schedule } : { schedule, lastEventId: last.id }
}
