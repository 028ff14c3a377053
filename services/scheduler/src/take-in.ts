import type { ScheduleDocument, Versioned } from '@annals/storage'
import { projectSchedule } from '@annals/service'
import type { TakenIn } from './decide-next.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** A community's schedule as the log has it now, from its row on. */
export async function takeIn(
  { bus }: SchedulerContext,
  communityId: string,
  row: Versioned<ScheduleDocument> | undefined,
): Promise<TakenIn> {
  const { state: schedule, last } = await projectSchedule(bus, communityId, row?.value)
  return last === undefined ? { schedule } : { schedule, lastEventId: last.id }
}
