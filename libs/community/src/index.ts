export type { DomainEvent, DomainEventName, DomainPayloads, LoggedEvent } from './domain-event.ts'
export { communityEventNames, communityForm, initialCommunity } from './community/community.ts'
export type { Community, CommunityEvent, CommunityEventName } from './community/community.ts'
export { decideCommunity } from './community/decide-community.ts'
export { nextCommand } from './community/next-command.ts'
export type { CommunityCommand } from './community/decide-community.ts'
export { evolveCommunity } from './community/evolve-community.ts'
export {
  AlreadyLeftError,
  CommunityExistsError,
  CommunityRuleError,
  DuplicateChannelError,
  UnknownCommunityError,
} from './community/rule-errors.ts'
export { initialSchedule, scheduleEventNames, scheduleForm } from './schedule/schedule.ts'
export type { Schedule, ScheduleDecision, ScheduleEvent, ScheduleEventName, ScheduleRun } from './schedule/schedule.ts'
export { intervalsBehind } from './schedule/intervals-behind.ts'
export { evolveSchedule } from './schedule/evolve-schedule.ts'
export {
  decideSchedule,
  isSameLater,
  longestSyncSeconds,
  stillStands,
  storeNodeHistorySeconds,
} from './schedule/decide-schedule.ts'
export type { ScheduleAnswer, ScheduleOptions } from './schedule/decide-schedule.ts'
export { communityNeeds, compareByNeed, needReasons } from './health/community-needs.ts'
export type { CommunityNeed, HealthFacts, NeedReason, StoreFinding } from './health/community-needs.ts'
export { decideDispatch } from './announcement/decide-dispatch.ts'
export type { AnnouncedTorrent, LastDispatch } from './announcement/decide-dispatch.ts'
export { decideProbe } from './announcement/decide-probe.ts'
export type { ProbeOutcome } from './announcement/decide-probe.ts'
export { decideReach, isUnreachable } from './announcement/decide-reach.ts'
export type { Reach, SaidReach } from './announcement/decide-reach.ts'
export { judgeAnnouncement } from './announcement/judge-announcement.ts'
export type { Announcement, DownloadProgress, IgnoredReason } from './announcement/judge-announcement.ts'
