import type { Schedule, ScheduleDecision, ScheduleRun } from './schedule.ts'
import { archivingStart, isArchiving } from './schedule.ts'

/** How long store nodes keep messages: what is older cannot be asked for. */
export const storeNodeHistorySeconds = 30 * 86_400

/** A history sync without an answer is asked for again after this, or after an interval where that is shorter. */
export const longestSyncSeconds = 3_600

export interface ScheduleOptions {
  /** From one archive to the next, 1 or more. */
  readonly intervalSeconds: number
  /** How far back a first history sync reaches, `storeNodeHistorySeconds` as a rule. */
  readonly historySeconds: number
  /** Whether there is a network to ask: then a history sync that reaches the end of a range comes before the range. */
  readonly syncsBeforeRanges: boolean
}

export interface ScheduleAnswer {
  /** What is to be published now. Once it is in the log and taken in, decide again. */
  readonly events: readonly ScheduleDecision[]
  /** Where nothing is to be published: when time alone changes that, Unix seconds. Absent if only an event can. */
  readonly wakeAt?: number
}

/** What one of the two questions comes to: something to publish, a moment to look again, or nothing. */
type Step = ScheduleDecision | { readonly wakeAt: number } | undefined

/**
 * When a control node archives (formats, "When to archive"): first a history sync; then, with start = the last archived
 * end, else the oldest message held,
 * 1. no start: the interval begins, and at its tick a history sync tells whether there is one now;
 * 2. now - start < interval: [start, start + interval) once that is over;
 * 3. now - start >= interval: [start, now) at once;
 * and from then on a range for each interval.
 *
 * A tick that is noticed less than an interval late archives up to when it was due, not up to now. So a late timer or a
 * short outage leaves the archives whole weeks with steady borders, and two schedulers that notice at different moments
 * decide the same range, whose id is then the same. After a longer outage everything up to now is archived at once.
 *
 * A history sync that is never answered is asked for again and again; one bound later, archiving goes on without it if
 * there is a start (what the sync brings late, the archiver seals with the next range). Where there is a network, each
 * range waits for one that reaches its end, no longer than that bound either. A range that gets no result for an
 * interval is followed by a longer one from the same start. Where somebody wants what is there sealed earlier, the range
 * ends then, as soon as none is without its result, and the next one begins there. Every range ends after all ranges before it, whatever the
 * clock does, so each has an id of its own.
 *
 * Anywhere but on a control node that archives: nothing.
 */
export function decideSchedule(schedule: Schedule, nowSeconds: number, options: ScheduleOptions): ScheduleAnswer {
  if (!isArchiving(schedule)) return { events: [] }
  const range = decideRange(schedule, nowSeconds, options)
  const steps: readonly Step[] =
    range === 'sync first'
      ? [syncRequest(schedule, nowSeconds, options)]
      : [decideSync(schedule, nowSeconds, options), range]
  const events: ScheduleDecision[] = []
  let wakeAt: number | undefined
  for (const step of steps) {
    if (step === undefined) continue
    if ('name' in step) events.push(step)
    else wakeAt = Math.min(wakeAt ?? step.wakeAt, step.wakeAt)
  }
  return events.length > 0 || wakeAt === undefined ? { events } : { events, wakeAt }
}

/**
 * Whether a decision that was made earlier, and perhaps never published, is still to be published: archiving is on, and
 * the log holds neither it nor anything that overtook it.
 */
export function stillStands(schedule: Schedule, decision: ScheduleDecision): boolean {
  if (!isArchiving(schedule)) return false
  switch (decision.name) {
    case 'HistorySyncRequested':
      return decision.idParts[0] === schedule.syncsRequested + 1
    case 'ArchiveDue': {
      const { from, to } = decision.payload
      return schedule.run !== undefined && from === archivingStart(schedule) && to > (schedule.pending?.to ?? from)
    }
    default:
      return decision satisfies never
  }
}

/**
 * Whether whoever decides later comes to the very same event, as long as the schedule is the same and the range's end is
 * less than an interval ago. It need not be remembered before it is published. The others are bound to the moment at which
 * they were decided.
 */
export function isSameLater(
  schedule: Schedule,
  decision: ScheduleDecision,
  { intervalSeconds }: Pick<ScheduleOptions, 'intervalSeconds'>,
): boolean {
  const { run } = schedule
  const start = archivingStart(schedule)
  if (decision.name !== 'ArchiveDue' || run === undefined || start === undefined) return false
  const { from, to } = decision.payload
  const { end, upToNow } = nextEnd(schedule, run, start, intervalSeconds)
  return from === start && to === end && !upToNow
}

function decideSync(schedule: Schedule, now: number, options: ScheduleOptions): Step {
  const { run, requestedEnd = 0 } = schedule
  if (run === undefined) return syncRequest(schedule, now, options)
  if (run.askedAt !== undefined) return oncePassed(run.askedAt, syncBound(options))
  if (archivingStart(schedule) !== undefined || run.emptyAt === undefined) return undefined
  // There may be something to seal by now.
  if (run.emptyAt < requestedEnd && requestedEnd <= now) return syncRequest(schedule, now, options)
  return oncePassed(run.emptyAt, options.intervalSeconds)

  /** A moment far ahead was taken from a clock that ran ahead and was set right: waiting for it could take for ever. */
  function oncePassed(since: number, seconds: number): Step {
    if (now >= since + seconds || now < since - seconds) return syncRequest(schedule, now, options)
    return { wakeAt: since + seconds }
  }
}

function syncRequest(schedule: Schedule, now: number, options: ScheduleOptions): ScheduleDecision {
  const { newestMessage, syncsRequested } = schedule
  const known = newestMessage !== undefined && newestMessage <= now ? newestMessage : undefined
  const since = known ?? Math.max(0, now - options.historySeconds)
  return { name: 'HistorySyncRequested', idParts: [syncsRequested + 1], payload: { since, until: now } }
}

function decideRange(schedule: Schedule, now: number, options: ScheduleOptions): Step | 'sync first' {
  const { run } = schedule
  const start = archivingStart(schedule)
  if (run === undefined || start === undefined) return undefined
  const goesOnAt = run.startedAt + syncBound(options)
  if (!run.synced && now < goesOnAt) return { wakeAt: goesOnAt }
  const { end, upToNow, wished = false } = nextEnd(schedule, run, start, options.intervalSeconds)
  if (now < end) return { wakeAt: end }
  if (options.syncsBeforeRanges && !reaches(schedule, end, now)) {
    const { askedAt } = run
    if (askedAt === undefined || askedAt < end) return 'sync first'
    const bound = askedAt + syncBound(options)
    if (now < bound) return { wakeAt: bound }
  }
  // What was wished for ends when it was wished: no sync need reach further.
  const to = upToNow || (!wished && now - end >= options.intervalSeconds) ? now : end
  const { intervalSeconds } = options
  return { name: 'ArchiveDue', idParts: [`${start}-${to}`], payload: { from: start, to, intervalSeconds } }
}

/** Whether a history sync that was answered reaches so far. One that reaches beyond now was asked for by a wrong clock. */
function reaches({ lastSynced }: Schedule, end: number, now: number): boolean {
  return lastSynced !== undefined && lastSynced.until >= end && lastSynced.until <= now
}

interface RangeEnd {
  readonly end: number
  /** True of the start-up's, which reaches up to now. */
  readonly upToNow: boolean
  /** True where somebody wants what is there sealed before its time. */
  readonly wished?: boolean
}

/** The end of the range that is due next. */
function nextEnd(schedule: Schedule, run: ScheduleRun, start: number, intervalSeconds: number): RangeEnd {
  const regular = nextRegularEnd(schedule, run, start, intervalSeconds)
  const { pending, requestedEnd } = schedule
  if (pending !== undefined || requestedEnd === undefined || requestedEnd <= start) return regular
  return requestedEnd < regular.end ? { end: requestedEnd, upToNow: false, wished: true } : regular
}

function nextRegularEnd(
  { pending, lastArchivedEnd }: Schedule,
  run: ScheduleRun,
  start: number,
  intervalSeconds: number,
): RangeEnd {
  const caseThree = run.startedAt - start >= intervalSeconds
  if (pending !== undefined) {
    // The start-up cases hold also where an attempt from before archiving was switched off is still without a result.
    if (caseThree && pending.to < run.startedAt)
      return { end: Math.max(start + intervalSeconds, pending.to + 1), upToNow: true }
    return { end: pending.to + intervalSeconds, upToNow: false }
  }
  // The first message came during an interval that began without any: its tick is the first one.
  const tick = run.emptyAt === undefined ? undefined : run.emptyAt + intervalSeconds
  if (lastArchivedEnd === undefined && tick !== undefined && start < tick && !caseThree)
    return { end: tick, upToNow: false }
  return { end: start + intervalSeconds, upToNow: caseThree }
}

function syncBound({ intervalSeconds }: ScheduleOptions): number {
  return Math.min(longestSyncSeconds, intervalSeconds)
}
