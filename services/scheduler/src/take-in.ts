import type { ScheduleDocument, Versioned } from '@annals/storage'
import { evolveSchedule, initialSchedule, scheduleEventNames, scheduleForm } from '@annals/community'
import { lastOf, projectCommunity } from '@annals/service'
import type { TakenIn } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** A community's schedule as the log has it now, from its row on. */
export async function takeIn(
  { bus }: SchedulerContext,
  communityId: string,
  row: Versioned<ScheduleDocument> | undefined,
): Promise<TakenIn> {
  // As the registry does with a row of another version's form.
  const before = (row?.value.form ?? 1) === scheduleForm ? row?.value : undefined
  const { state: schedule, last } = await projectCommunity(
    bus,
    { communityId, names: scheduleEventNames, initial: initialSchedule, evolve: evolveSchedule },
    {
      state: before?.schedule ?? initialSchedule,
      last: lastOf(before?.schedule.lastSequence, before?.lastEventId),
    },
  )
  return last === undefined ? { schedule } : { schedule, lastEventId: last.id }
}
