import type { Schedule, ScheduleDecision } from '@annals/community'
import type { NewEvent } from '@annals/events'
import type { ScheduleDocument } from '@annals/storage'
import { decideSchedule, isSameLater, scheduleForm, stillStands, storeNodeHistorySeconds } from '@annals/community'
import { eventId } from '@annals/events'
import { DecisionNotInLogError } from './decision-not-in-log-error.ts'
import type { SchedulerContext } from './scheduler-context.ts'

/** A schedule as the log has it, with the id of the last event that it takes in. */
export type TakenIn = Pick<ScheduleDocument, 'schedule' | 'lastEventId'>

/** What the row is to be: with what was decided before and still stands, else with what is to be decided now. */
export function decideNext(
  { clock, config }: SchedulerContext,
  { schedule, lastEventId }: TakenIn,
  before: ScheduleDocument | undefined,
): ScheduleDocument {
  const { decided = [], dueAt: _, lastEventId: __, ...kept } = before ?? {}
  const taken = { ...kept, schedule, ...(lastEventId !== undefined && { lastEventId }), form: scheduleForm }
  const standing = decided.filter((each) => stillStands(schedule, each))
  // Not `now`: the clock may be set back, and what was decided is to be published all the same.
  if (standing.length > 0) return { ...taken, decided: standing, dueAt: 0 }
  const { events, wakeAt } = decideSchedule(schedule, clock.nowSeconds(), {
    intervalSeconds: config.intervalSeconds,
    historySeconds: storeNodeHistorySeconds,
    syncsBeforeRanges: config.wakuStores.length > 0,
  })
  if (events.length > 0) return { ...taken, decided: [...events], dueAt: 0 }
  return wakeAt === undefined ? { ...taken, decided: [] } : { ...taken, decided: [], dueAt: wakeAt }
}

/**
 * Whether a row may stay as it is until what was decided is in the log: whoever finds the row due then, should this
 * process die, decides the very same anew, or finds it written down.
 */
export function isRemembered(
  { config }: Pick<SchedulerContext, 'config'>,
  { schedule, decided }: ScheduleDocument,
  decidedBefore: readonly ScheduleDecision[],
): boolean {
  return decided.every((each) => decidedBefore.includes(each) || isSameLater(schedule, each, config))
}

/** @throws DecisionNotInLogError where the log that was read after publishing does not show what was published */
export function checkPublished(communityId: string, schedule: Schedule, published: readonly ScheduleDecision[]): void {
  const lost = published.filter((each) => stillStands(schedule, each))
  if (lost.length > 0)
    throw new DecisionNotInLogError(
      communityId,
      lost.map((each) => decisionId(communityId, each)),
    )
}

export async function publishDecisions(
  { bus, log }: SchedulerContext,
  communityId: string,
  decided: readonly ScheduleDecision[],
): Promise<void> {
  for (const decision of decided) {
    const { name, payload } = decision
    const event = { id: decisionId(communityId, decision), name, communityId, payload } as NewEvent
    const { duplicate } = await bus.publish(event, { source: 'scheduler' })
    log.debug({ communityId, event: event.id, duplicate }, 'decided')
  }
}

/** The id of the event that a decision becomes. */
export function decisionId(communityId: string, { name, idParts }: ScheduleDecision): string {
  return eventId(name, communityId, ...idParts)
}
