import { isDeepStrictEqual } from 'node:util'
import type { Schedule, ScheduleDecision } from '@annals/community'
import type { NewEvent } from '@annals/events'
import type { ScheduleDocument, Versioned } from '@annals/storage'
import {
  decideSchedule,
  evolveSchedule,
  initialSchedule,
  scheduleEventNames,
  stillStands,
  storeNodeHistorySeconds,
} from '@annals/community'
import { eventId } from '@annals/events'
import { lastOf, projectCommunity } from '@annals/service'
import { VersionConflictError, schedules } from '@annals/storage'
import { DecisionNotInLogError } from './decision-not-in-log-error.ts'
import type { SchedulerContext } from './scheduler-context.ts'

type Row = Versioned<ScheduleDocument>

/**
 * Brings a community's schedule up to date with the log, decides, publishes, and goes on until there is nothing more to
 * publish now. Then the row says when time alone will change that.
 *
 * A decision stands in the row, which is due at once, before it is published; it is taken out when the log shows it. So
 * after a crash between any two lines somebody finds it and publishes the very same, unless the log has it or archiving
 * was switched off meanwhile. Of two that do this at the same time one has the wrong version and starts over.
 * Where nothing has changed, nothing is written.
 * @throws DecisionNotInLogError, and what the bus and the store throw; the row is then as it was, or due at once
 */
export async function advanceSchedule(context: SchedulerContext, communityId: string, claimed?: Row): Promise<void> {
  const rows = context.state.collection(schedules)
  let row = claimed ?? (await rows.get(communityId))
  let published: readonly ScheduleDecision[] = []
  for (;;) {
    const { schedule, lastEventId } = await takeIn(context, communityId, row)
    const lost = published.filter((each) => stillStands(schedule, each))
    if (lost.length > 0) throw new DecisionNotInLogError(communityId, lost.map(idOf(communityId)))
    const next = { ...decideNext(context, schedule, row), ...(lastEventId !== undefined && { lastEventId }) }
    // A claim has to be ended by a write.
    if (claimed === undefined && next.decided.length === 0 && isDeepStrictEqual(next, row?.value)) return
    try {
      row = await rows.put(communityId, next, row?.version ?? 0)
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error
      row = await rows.get(communityId)
      continue
    }
    if (next.decided.length === 0) return
    await publish(context, communityId, next.decided)
    published = next.decided
  }
}

async function takeIn(
  { bus }: SchedulerContext,
  communityId: string,
  row: Row | undefined,
): Promise<Pick<ScheduleDocument, 'schedule' | 'lastEventId'>> {
  const { state: schedule, last } = await projectCommunity(
    bus,
    { communityId, names: scheduleEventNames, initial: initialSchedule, evolve: evolveSchedule },
    {
      state: row?.value.schedule ?? initialSchedule,
      last: lastOf(row?.value.schedule.lastSequence, row?.value.lastEventId),
    },
  )
  return { schedule, ...(last !== undefined && { lastEventId: last.id }) }
}

function decideNext({ clock, config }: SchedulerContext, schedule: Schedule, row: Row | undefined): ScheduleDocument {
  const standing = row?.value.decided.filter((each) => stillStands(schedule, each)) ?? []
  // Not `now`: the clock may be set back, and what was decided is to be published all the same.
  if (standing.length > 0) return { schedule, decided: standing, dueAt: 0 }
  const { events, wakeAt } = decideSchedule(schedule, clock.nowSeconds(), {
    intervalSeconds: config.intervalSeconds,
    historySeconds: storeNodeHistorySeconds,
  })
  if (events.length > 0) return { schedule, decided: [...events], dueAt: 0 }
  return wakeAt === undefined ? { schedule, decided: [] } : { schedule, decided: [], dueAt: wakeAt }
}

async function publish(
  { bus, log }: SchedulerContext,
  communityId: string,
  decided: readonly ScheduleDecision[],
): Promise<void> {
  for (const decision of decided) {
    const { name, payload } = decision
    const event = { id: idOf(communityId)(decision), name, communityId, payload } as NewEvent
    const { duplicate } = await bus.publish(event, { source: 'scheduler' })
    log.info({ communityId, event: event.id, duplicate }, 'decided')
  }
}

function idOf(communityId: string): (decision: ScheduleDecision) => string {
  return ({ name, idParts }) => eventId(name, communityId, ...idParts)
}
