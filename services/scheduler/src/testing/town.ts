import type { DomainEvent, ScheduleEventName } from '@annals/community'
import type { EventBus, NewEvent, StoredEvent } from '@annals/events'
import type { ScheduleDocument, StateStore } from '@annals/storage'
import { eventId } from '@annals/events'
import { silentRecorders } from '@annals/service/testing'
import { schedules } from '@annals/storage'
import { pino } from 'pino'
import { advanceAllSchedules } from '../advance-all-schedules.ts'
import { leaseSeconds } from '../advance-batch.ts'
import { advanceDueSchedules } from '../advance-due-schedules.ts'
import { OwnDecisions } from '../own-decisions.ts'
import { takeEventIn } from '../take-event-in.ts'
import type { SchedulerContext } from '../scheduler-context.ts'
import { Faults, InjectedFault } from './faults.ts'
import { MemoryBus } from './memory-bus.ts'
import { MemoryStore } from './memory-store.ts'

export const intervalSeconds = 100_000

interface Range {
  readonly from: number
  readonly to: number
}

/** A scheduler's process and everybody whom it works with, communities included. The test says who does what when. */
export class Town {
  now = 10_000_000
  /** The bus's log, as far as the town has read it. */
  readonly log: StoredEvent[] = []
  readonly bus: Pick<EventBus, 'publish' | 'read' | 'consume' | 'onReconnect'>
  readonly store: Pick<StateStore, 'collection'>
  readonly messages = new Map<string, number[]>()
  readonly sealed = new Map<string, Range[]>()
  /** Events without an ack, in the order in which they are delivered. */
  #unacked = 0
  #answered = 0
  faults = new Faults(Infinity, 'error')
  #own = new OwnDecisions()

  constructor(bus: Town['bus'] = new MemoryBus(), store: Town['store'] = new MemoryStore()) {
    this.bus = bus
    this.store = store
  }

  context(): SchedulerContext {
    return {
      clock: { nowSeconds: () => this.now, nowMilliseconds: () => this.now * 1_000 },
      log: pino({ level: 'silent' }),
      ...silentRecorders(),
      config: { intervalSeconds, clock: 'system', wakuStores: [] },
      bus: this.faults.bus(this.bus),
      state: this.faults.state(this.store),
      own: this.#own,
    }
  }

  /** Reads what is new in the log, and answers all of it. */
  async read(): Promise<readonly StoredEvent[]> {
    for await (const event of this.bus.read({ after: this.log.at(-1)?.sequence ?? 0 })) this.log.push(event)
    return this.log
  }

  async publish(communityId: string, { name, idParts, payload }: DomainEvent): Promise<void> {
    await this.bus.publish({ id: eventId(name, communityId, ...idParts), name, communityId, payload } as NewEvent)
    await this.read()
  }

  /** Tells of a community that is controlled here and switches its archiving on. */
  async addArchiving(communityId: string, ...ages: number[]): Promise<void> {
    this.messages.set(
      communityId,
      ages.map((age) => this.now - age),
    )
    const chats = [{ channelId: 'general', name: '' }]
    await this.publish(communityId, {
      name: 'CommunityAdded',
      idParts: [0],
      payload: { controlNode: true, name: '', chats },
    })
    await this.switch(communityId, 'ArchivingEnabled')
  }

  async switch(communityId: string, name: 'ArchivingEnabled' | 'ArchivingDisabled'): Promise<void> {
    await this.publish(communityId, { name, idParts: [this.log.length], payload: {} })
  }

  /** The process begins anew: events without an ack come again, and every schedule is looked at. */
  async restart(faults = new Faults(Infinity, 'error')): Promise<void> {
    this.faults = faults
    this.#own = new OwnDecisions()
    await this.#unlessFault(() => advanceAllSchedules(this.context(), new AbortController().signal))
  }

  /** One delivery of each event without an ack, then one pass over what is due. */
  async work(): Promise<void> {
    const context = this.context()
    for (let event = await this.#at(this.#unacked); event !== undefined; event = await this.#at(this.#unacked)) {
      const delivered = event as StoredEvent<ScheduleEventName>
      if (!(await this.#unlessFault(() => takeEventIn(context, delivered)))) break
      this.#unacked += 1
    }
    await this.#unlessFault(() => advanceDueSchedules(context, 'owner', new AbortController().signal))
  }

  /** The collector and the archiver handle what came up since they did last. */
  async answer(): Promise<void> {
    for (let event = await this.#at(this.#answered); event !== undefined; event = await this.#at(this.#answered)) {
      this.#answered += 1
      if (event.name === 'HistorySyncRequested') await this.#sync(event)
      if (event.name === 'ArchiveDue') await this.#seal(event)
    }
  }

  /**
   * Everybody works until nobody has anything to do; a process that died is started again. The answer to a claim may
   * have been lost: it runs out, before anything else happens.
   */
  async settle(): Promise<void> {
    await this.#settleNow()
    this.now += leaseSeconds
    await this.work()
    this.now -= leaseSeconds
    await this.#settleNow()
  }

  async #settleNow(): Promise<void> {
    for (;;) {
      const before = (await this.read()).length
      const struck = this.faults.struck
      if (this.faults.dead) await this.restart()
      await this.work()
      await this.answer()
      if ((await this.read()).length === before && this.#unacked === before && this.faults.struck === struck) return
    }
  }

  async #at(index: number): Promise<StoredEvent | undefined> {
    return this.log[index] ?? (await this.read())[index]
  }

  async #unlessFault(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof InjectedFault)) throw error
      return false
    }
  }

  async #sync({ communityId, payload, sequence }: StoredEvent<'HistorySyncRequested'>): Promise<void> {
    const held = this.messages.get(communityId) ?? []
    const told = held.length === 0 ? {} : { oldestMessage: Math.min(...held), newestMessage: Math.max(...held) }
    await this.publish(communityId, { name: 'HistorySynced', idParts: [sequence], payload: { ...payload, ...told } })
  }

  async #seal({ communityId, payload: { from, to } }: StoredEvent<'ArchiveDue'>): Promise<void> {
    const sealed = this.sealed.get(communityId) ?? []
    const end = sealed.at(-1)?.to ?? from
    if (to <= end) return
    const range = { from: Math.max(from, end), to }
    this.sealed.set(communityId, [...sealed, range])
    await this.publish(communityId, {
      name: 'NoArchiveCreated',
      idParts: [`${range.from}-${to}`],
      payload: { ...range, leftOutMessages: 0 },
    })
  }

  async row(communityId: string): Promise<ScheduleDocument | undefined> {
    return (await this.store.collection(schedules).get(communityId))?.value
  }

  async due(communityId: string): Promise<Range[]> {
    const events = (await this.read()).filter(
      (event) => event.name === 'ArchiveDue' && event.communityId === communityId,
    )
    return (events as StoredEvent<'ArchiveDue'>[]).map(({ payload: { from, to } }) => ({ from, to }))
  }
}
