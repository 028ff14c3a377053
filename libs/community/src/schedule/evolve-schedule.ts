import type {
  ArchiveDue,
  ArchiveRequested,
  ControlTaken,
  HistorySynced,
  HistorySyncRequested,
} from '@annals/proto/events/v1'
import type { Schedule, ScheduleEvent, ScheduleRun } from './schedule.ts'
import { archivingStart, isArchiving } from './schedule.ts'

/** The schedule after an event of the log. An event at or before `lastSequence` was taken in already: no change. */
export function evolveSchedule(schedule: Schedule, event: ScheduleEvent): Schedule {
  if (event.sequence <= schedule.lastSequence) return schedule
  return { ...changed(schedule, event), lastSequence: event.sequence }
}

function changed(schedule: Schedule, event: ScheduleEvent): Schedule {
  switch (event.name) {
    case 'CommunityAdded': {
      const { controlNode, chats } = event.payload
      const hasChats = chats.length > 0
      return { ...withoutRun(schedule), controlNode, joined: true, archivingOn: false, hasChats }
    }
    case 'CommunityChatsChanged':
      return { ...schedule, hasChats: event.payload.chats.length > 0 }
    case 'CommunityLeft':
      return { ...withoutRun(withoutMessages(schedule)), joined: false, archivingOn: false }
    case 'ControlTaken':
      return afterTaking(schedule, event.payload)
    case 'ControlReleased':
      return { ...withoutRun(schedule), controlNode: false }
    case 'ArchivingEnabled':
      return { ...schedule, archivingOn: schedule.joined }
    case 'ArchivingDisabled':
      return { ...withoutRun(schedule), archivingOn: false }
    case 'HistorySyncRequested':
      return afterRequest({ ...schedule, syncsRequested: schedule.syncsRequested + 1 }, event.payload)
    case 'HistorySynced':
      return afterAnswer(schedule, event.payload)
    case 'ArchiveRequested':
      return afterWish(schedule, event.payload)
    case 'ArchiveDue':
      return afterDue(schedule, event.payload)
    case 'ArchiveCreated':
    case 'NoArchiveCreated':
      return afterResult(schedule, event.payload.to)
    default:
      return event satisfies never
  }
}

/** Somebody else sealed up to there; from there on it is as if archiving had been switched on. */
function afterTaking(schedule: Schedule, { lastArchivedEnd }: ControlTaken): Schedule {
  const taken = { ...withoutRun(schedule), controlNode: schedule.joined }
  return lastArchivedEnd === undefined ? taken : afterResult(taken, lastArchivedEnd)
}

function withoutRun(schedule: Schedule): Schedule {
  const { run: _run, requestedEnd: _requested, ...rest } = schedule
  return rest
}

/** Who leaves a community may drop its messages; what is held then, the next history sync tells. */
function withoutMessages(schedule: Schedule): Schedule {
  const { oldestMessage: _oldest, newestMessage: _newest, lastSynced: _synced, ...rest } = schedule
  return rest
}

function afterRequest(schedule: Schedule, { since, until }: HistorySyncRequested): Schedule {
  // A request can come late, when archiving is off again. It is counted, so that the next one has another id.
  if (!isArchiving(schedule)) return schedule
  // A clock that ran ahead and was set right makes the later request the earlier one; its answers must count too.
  const startedAt = Math.min(schedule.run?.startedAt ?? until, until)
  const asked: Schedule = { ...schedule, run: { synced: false, ...schedule.run, startedAt, askedAt: until } }
  // Off and on again within a second asks the same, and so does whoever asks again after a log lost its end and has the answer
  // again before the question. An answer under the same id would not come a second time.
  const { lastSynced } = schedule
  const isAnswered = lastSynced?.until === until && lastSynced.since <= since
  return isAnswered ? withAnsweredRun(asked, until) : asked
}

function afterAnswer(schedule: Schedule, { since, until, oldestMessage, newestMessage }: HistorySynced): Schedule {
  const told: { oldestMessage?: number; newestMessage?: number } = {}
  // A message that claims to come from the future says nothing about where the history starts, and must not hide what
  // is still to be asked for.
  if (oldestMessage !== undefined && oldestMessage <= until)
    told.oldestMessage = Math.min(schedule.oldestMessage ?? oldestMessage, oldestMessage)
  if (newestMessage !== undefined)
    told.newestMessage = Math.max(schedule.newestMessage ?? 0, Math.min(newestMessage, until))
  return withAnsweredRun({ ...schedule, ...told, lastSynced: { since, until } }, until)
}

/** An answer to a request of this run, or to a later one, counts; one from before archiving was switched on does not. */
function withAnsweredRun(schedule: Schedule, until: number): Schedule {
  if (schedule.run === undefined || until < schedule.run.startedAt) return schedule
  const { askedAt, ...rest } = schedule.run
  const run: ScheduleRun = { ...rest, synced: true }
  return {
    ...schedule,
    run: {
      ...run,
      ...(askedAt !== undefined && askedAt > until ? { askedAt } : {}),
      ...(archivingStart(schedule) === undefined ? { emptyAt: until } : {}),
    },
  }
}

/** A wish that comes late, when archiving is off again, is none. */
function afterWish(schedule: Schedule, { until }: ArchiveRequested): Schedule {
  const sealed = schedule.lastArchivedEnd ?? 0
  if (!isArchiving(schedule) || until <= Math.max(sealed, schedule.requestedEnd ?? 0)) return schedule
  return { ...schedule, requestedEnd: until }
}

function afterDue(schedule: Schedule, { from, to }: ArchiveDue): Schedule {
  if (to <= (schedule.lastArchivedEnd ?? 0) || to <= (schedule.pending?.to ?? 0)) return schedule
  return { ...schedule, pending: { from, to } }
}

function afterResult(schedule: Schedule, to: number): Schedule {
  const { pending, requestedEnd, ...rest } = schedule
  const lastArchivedEnd = Math.max(schedule.lastArchivedEnd ?? to, to)
  return {
    ...rest,
    lastArchivedEnd,
    ...(pending !== undefined && pending.to > lastArchivedEnd ? { pending } : {}),
    ...(requestedEnd !== undefined && requestedEnd > lastArchivedEnd ? { requestedEnd } : {}),
  }
}
