import type { DomainEvent, LoggedEvent } from '../domain-event.ts'

/**
 * When a community is archived, as far as the log tells: nothing here comes from elsewhere, so it can be rebuilt at any
 * time. All times are Unix seconds.
 */
export interface Schedule {
  readonly controlNode: boolean
  readonly joined: boolean
  readonly archivingOn: boolean
  /** False where the community has no chats: then there is nothing to ask for and nothing to archive. */
  readonly hasChats: boolean
  /** History syncs ever requested; makes the id of the next one. */
  readonly syncsRequested: number
  /** The last answer that came to a history sync. */
  readonly lastSynced?: { readonly since: number; readonly until: number }
  /** The oldest message held, and the newest, as the answers to history syncs told. */
  readonly oldestMessage?: number
  readonly newestMessage?: number
  /** Everything before this is sealed, also where no archive came of it. Only grows. */
  readonly lastArchivedEnd?: number
  /** The range that was declared due and has no result yet; of several, the one that ends last. */
  readonly pending?: { readonly from: number; readonly to: number }
  /** Up to when somebody wants what is there sealed before its time; absent once that is done. */
  readonly requestedEnd?: number
  /** What happened since archiving was switched on; absent until the first history sync is requested. */
  readonly run?: ScheduleRun
  /** Position of the last event taken in; 0 for none. */
  readonly lastSequence: number
}

/** One stretch of archiving, from when it is switched on until it is switched off. */
export interface ScheduleRun {
  /** When its first history sync was requested: the moment to which the start-up cases refer. */
  readonly startedAt: number
  /** When the history sync was requested that is still without an answer. */
  readonly askedAt?: number
  /** True once a history sync of this run was answered. */
  readonly synced: boolean
  /** When the last history sync was requested that found no message at all. The interval began then. */
  readonly emptyAt?: number
}

/** The events that a schedule is folded from. */
export const scheduleEventNames = [
  'CommunityAdded',
  'CommunityChatsChanged',
  'CommunityLeft',
  'ControlTaken',
  'ControlReleased',
  'ArchivingEnabled',
  'ArchivingDisabled',
  'HistorySyncRequested',
  'HistorySynced',
  'ArchiveRequested',
  'ArchiveDue',
  'ArchiveCreated',
  'NoArchiveCreated',
] as const

/** As `communityForm`, of `Schedule`. */
export const scheduleForm = 3

export type ScheduleEventName = (typeof scheduleEventNames)[number]

export type ScheduleEvent = LoggedEvent<ScheduleEventName>

/** What a schedule decides. */
export type ScheduleDecision = DomainEvent<'HistorySyncRequested' | 'ArchiveDue'>

export const initialSchedule: Schedule = {
  controlNode: false,
  joined: false,
  archivingOn: false,
  hasChats: false,
  syncsRequested: 0,
  lastSequence: 0,
}

/** Whether this installation archives the community now. */
export function isArchiving(schedule: Schedule): boolean {
  return schedule.controlNode && schedule.joined && schedule.archivingOn && schedule.hasChats
}

/** From where the next archive begins: the last archived end, else the oldest message held; `undefined` for neither. */
export function archivingStart(schedule: Schedule): number | undefined {
  return schedule.lastArchivedEnd ?? schedule.oldestMessage
}
