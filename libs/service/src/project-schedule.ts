import type { Schedule } from '@annals/community'
import type { EventBus } from '@annals/events'
import type { ScheduleDocument } from '@annals/storage'
import { evolveSchedule, initialSchedule, scheduleEventNames, scheduleForm } from '@annals/community'
import type { Projected } from './project-community.ts'
import { lastOf, projectCommunity } from './project-community.ts'

/** A community's schedule as the log has it now, from its row on. One of another version's form is made anew, as the registry does. */
export async function projectSchedule(
  bus: Pick<EventBus, 'read'>,
  communityId: string,
  row: ScheduleDocument | undefined,
): Promise<Projected<Schedule>> {
  const before = (row?.form ?? 1) === scheduleForm ? row : undefined
  return projectCommunity(
    bus,
    { communityId, names: scheduleEventNames, initial: initialSchedule, evolve: evolveSchedule },
    {
      state: before?.schedule ?? initialSchedule,
      last: lastOf(before?.schedule.lastSequence, before?.lastEventId),
    },
  )
}
