import type { Schedule } from '@annals/community'
import type { ScheduleDocument } from '@annals/storage'
import { decideSchedule, storeNodeHistorySeconds } from '@annals/community'
import type { Comparison } from './comparison.ts'
import { comparisonOf, differingFields, wholeRow } from './comparison.ts'

const fields = [
  'controlNode',
  'joined',
  'archivingOn',
  'hasChats',
  'syncsRequested',
  'lastSynced',
  'oldestMessage',
  'newestMessage',
  'lastArchivedEnd',
  'pending',
  'requestedEnd',
  'run',
  'lastSequence',
] as const satisfies readonly (keyof Schedule)[]

/** What the row took from the log, and that somebody looks at it again where there is something to wait for. */
export function compareSchedule(log: Schedule, row: ScheduleDocument | undefined): Comparison {
  if (row === undefined) return log.lastSequence === 0 ? { kind: 'same' } : wholeRow(log, undefined)
  const differences = differingFields<Schedule>(fields, log, row.schedule)
  if (row.dueAt === undefined && waitsForSomething(row.schedule))
    differences.push({ field: 'dueAt', log: 'a moment at which to look again', there: undefined })
  return comparisonOf(differences)
}

/** The row as the log makes it. It is due at once: what it had decided is published or dropped, and what is next is decided. */
export function rebuildSchedule(log: Schedule, row: ScheduleDocument | undefined): ScheduleDocument {
  return { schedule: log, decided: row?.decided ?? [], dueAt: 0 }
}

/** Only when it waits until, not whether it waits, depends on the moment and the interval. */
function waitsForSomething(schedule: Schedule): boolean {
  const { events, wakeAt } = decideSchedule(schedule, 0, {
    intervalSeconds: 1,
    historySeconds: storeNodeHistorySeconds,
    syncsBeforeRanges: false,
  })
  return events.length > 0 || wakeAt !== undefined
}
