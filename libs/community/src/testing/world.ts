import type { CommunityCommand } from '../community/decide-community.ts'
import type { Community, CommunityEvent } from '../community/community.ts'
import type { DomainEvent, LoggedEvent } from '../domain-event.ts'
import type { Schedule, ScheduleDecision, ScheduleEvent } from '../schedule/schedule.ts'
import { decideCommunity } from '../community/decide-community.ts'
import { evolveCommunity } from '../community/evolve-community.ts'
import { communityEventNames, initialCommunity } from '../community/community.ts'
import { CommunityRuleError } from '../community/rule-errors.ts'
import { decideSchedule } from '../schedule/decide-schedule.ts'
import type { ScheduleOptions } from '../schedule/decide-schedule.ts'
import { evolveSchedule } from '../schedule/evolve-schedule.ts'
import { initialSchedule } from '../schedule/schedule.ts'

export const intervalSeconds = 100
export const options: ScheduleOptions = { intervalSeconds, historySeconds: 400, syncsBeforeRanges: false }

export interface SealedRange {
  readonly from: number
  readonly to: number
}

/**
 * One community, the log, and everybody who writes to it: a scheduler, an archiver that seals only what is behind its
 * catalogue's end, a collector that asks store nodes. Each step of each of them can be left out, repeated or come late.
 */
export class World {
  now = 10_000
  latest = this.now
  readonly log: LoggedEvent[] = []
  readonly sealed: SealedRange[] = []
  readonly messages: number[] = []
  /** Events decided or results made whose publishing is still under way. */
  readonly late: DomainEvent[] = []
  /** Requests and due ranges that were not handled with success yet. */
  readonly requests: LoggedEvent<'HistorySyncRequested'>[] = []
  readonly due: LoggedEvent<'ArchiveDue'>[] = []
  readonly options: ScheduleOptions
  readonly #ids = new Set<string>()

  constructor(changes: Partial<ScheduleOptions> = {}) {
    this.options = { ...options, ...changes }
  }

  /** The state as somebody has it who was just started. */
  schedule(): Schedule {
    return (this.log as ScheduleEvent[]).reduce(evolveSchedule, initialSchedule)
  }

  community(): Community {
    const names: readonly string[] = communityEventNames
    const events = this.log.filter((event) => names.includes(event.name)) as CommunityEvent[]
    return events.reduce(evolveCommunity, initialCommunity('0x02'))
  }

  publish(event: DomainEvent): void {
    const id = [event.name, ...event.idParts].join('/')
    if (this.#ids.has(id)) return
    this.#ids.add(id)
    this.append(event)
  }

  /** Appends without a look at the id, as a log does that has forgotten it. */
  append(event: Pick<LoggedEvent, 'name' | 'payload'>): void {
    const logged = { name: event.name, payload: event.payload, sequence: this.log.length + 1 } as LoggedEvent
    this.log.push(logged)
    if (logged.name === 'HistorySyncRequested') this.requests.push(logged)
    if (logged.name === 'ArchiveDue') this.due.push(logged)
  }

  command(command: CommunityCommand): void {
    try {
      for (const event of decideCommunity(this.community(), command)) this.publish(event)
    } catch (error) {
      if (!(error instanceof CommunityRuleError)) throw error
    }
  }

  add(controlNode = true): void {
    this.command({ type: 'AddCommunity', controlNode, name: 'c', chats: [{ channelId: 'general', name: '' }] })
  }

  on(): void {
    this.command({ type: 'EnableArchiving' })
  }

  off(): void {
    this.command({ type: 'DisableArchiving' })
  }

  /** Somebody wants what is there sealed now. */
  wish(): void {
    const { lastSequence } = this.schedule()
    this.publish({ name: 'ArchiveRequested', idParts: [lastSequence], payload: { until: this.now } })
  }

  /** What the scheduler would publish now. */
  decided(): readonly ScheduleDecision[] {
    return decideSchedule(this.schedule(), this.now, this.options).events
  }

  /** Lets the scheduler publish until it has nothing more to say now; answers when it wants to look again. */
  runScheduler(): number | undefined {
    for (let round = 0; round < 5; round++) {
      const { events, wakeAt } = decideSchedule(this.schedule(), this.now, this.options)
      if (events.length === 0) return wakeAt
      for (const event of events) this.publish(event)
    }
    throw new Error('the scheduler never comes to rest')
  }

  tick(seconds: number): void {
    this.now = Math.max(1, this.now + seconds)
    this.latest = Math.max(this.latest, this.now)
  }

  /** Answers a history sync request; `drop` leaves it as handled, or for another time. */
  sync(request: LoggedEvent<'HistorySyncRequested'> | undefined, drop = true): void {
    if (request === undefined) return
    if (drop) this.requests.splice(this.requests.indexOf(request), 1)
    this.late.push(this.answer(request))
  }

  answer({ payload, sequence }: LoggedEvent<'HistorySyncRequested'>): DomainEvent<'HistorySynced'> {
    const held = this.messages.length > 0
    return {
      name: 'HistorySynced',
      idParts: [sequence],
      payload: {
        ...payload,
        ...(held ? { oldestMessage: Math.min(...this.messages), newestMessage: Math.max(...this.messages) } : {}),
      },
    }
  }

  /** Seals a due range as the archiver does; `drop` leaves it as handled, or for another time. */
  seal(due: LoggedEvent<'ArchiveDue'> | undefined, drop = true): void {
    if (due === undefined) return
    if (drop) this.due.splice(this.due.indexOf(due), 1)
    const end = this.sealed.at(-1)?.to ?? due.payload.from
    const range = { from: Math.max(due.payload.from, end), to: due.payload.to }
    if (range.to <= end) return
    this.sealed.push(range)
    this.late.push({
      name: 'NoArchiveCreated',
      idParts: [`${range.from}-${range.to}`],
      payload: { ...range, leftOutMessages: 0 },
    })
  }

  publishLate(at = 0): void {
    const [event] = this.late.splice(at, 1)
    if (event !== undefined) this.publish(event)
  }

  /** Everybody does at once whatever there is to do now. */
  settle(): number | undefined {
    for (;;) {
      const wakeAt = this.runScheduler()
      const before = this.log.length
      while (this.requests.length > 0) this.sync(this.requests[0])
      while (this.due.length > 0) this.seal(this.due[0])
      while (this.late.length > 0) this.publishLate()
      if (this.log.length === before) return wakeAt
    }
  }

  names(): string[] {
    return this.log.map((event) => event.name)
  }

  dueRanges(): SealedRange[] {
    return this.log.filter((event) => event.name === 'ArchiveDue').map(({ payload: { from, to } }) => ({ from, to }))
  }
}
