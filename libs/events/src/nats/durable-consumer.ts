import { callJetStream, isRefusal, isServerAtLeast, streamInfo, type NatsLink } from '@annals/nats'
import type { BusLog } from '../bus-log.ts'
import type { ConsumerSpec } from '../event-bus.ts'
import type { EventName } from '../event-types.ts'
import { consumerFilters, fixedSettings, filtersOf, tunedSettings, type ConsumerConfig } from './consumer-config.ts'
import { consumerFilter } from './consumer-filter.ts'
import type { Subjects } from './subjects.ts'

interface ConsumerInfo {
  readonly config: ConsumerConfig
  readonly ack_floor: { readonly stream_seq: number }
  readonly num_pending: number
  readonly num_ack_pending: number
}

/** The durable consumer of the server behind a consumer of ours. */
export class DurableConsumer {
  readonly #link: NatsLink
  readonly #subjects: Subjects
  readonly #spec: ConsumerSpec<EventName>
  readonly #ackWaitSeconds: number
  readonly #log: BusLog
  /** All up to it is acknowledged, as far as was heard; where to begin if the consumer is deleted. */
  #floor: number | undefined
  /** Names whose events the consumer hands out although this process does not take them. */
  #foreign: ReadonlySet<string> = new Set()

  constructor(link: NatsLink, subjects: Subjects, spec: ConsumerSpec<EventName>, ackWaitSeconds: number, log: BusLog) {
    this.#link = link
    this.#subjects = subjects
    this.#spec = spec
    this.#ackWaitSeconds = ackWaitSeconds
    this.#log = log
  }

  /** Whether another version's process takes events of this name from the same consumer. */
  isForeign(name: string): boolean {
    return this.#foreign.has(name)
  }

  /**
   * Makes the consumer where it is missing, and makes it take this process's names. Names that it takes in addition
   * stay: a newer version may run beside this one, whose events would be passed over.
   */
  async ensure(): Promise<void> {
    const info = (await this.#info()) ?? (await this.#create())
    this.#floor = info.ack_floor.stream_seq
    const before = filtersOf(info.config)
    const own = this.#filters()
    const foreign = isServerAtLeast(this.#link, 2, 10) ? before.filter((filter) => this.#isOther(filter, own)) : []
    this.#foreign = new Set(foreign.map((filter) => filter.split('.')[2] ?? ''))
    if (foreign.length > 0) {
      this.#log.warn(
        { consumer: this.#spec.name, names: [...this.#foreign] },
        'the consumer takes events that this version does not; they are left to the processes of another version',
      )
    }
    await this.#update(info.config, [...own, ...foreign])
  }

  /** Events that it has not handed out, and that nobody has acknowledged yet. @throws as `callJetStream` */
  async lag(): Promise<number> {
    const info = await this.#info()
    return info === undefined ? 0 : info.num_pending + info.num_ack_pending
  }

  #filters(): string[] {
    return consumerFilters(this.#subjects, this.#spec)
  }

  /** A filter for one further name; wider ones are left by an older server. */
  #isOther(filter: string, own: readonly string[]): boolean {
    const [, kind, name] = filter.split('.')
    return kind === 'events' && name !== '*' && name !== '>' && name !== undefined && !own.includes(filter)
  }

  async #update(config: ConsumerConfig, filters: readonly string[]): Promise<void> {
    const { filter_subject: _one, filter_subjects: _several, ...rest } = config
    const wanted: ConsumerConfig = { ...rest, ...this.#tuning(), ...consumerFilter(this.#link, filters) }
    const same =
      filtersOf(config).toSorted().join(' ') === filtersOf(wanted).toSorted().join(' ') &&
      Object.entries(this.#tuning()).every(([key, value]) => config[key] === value)
    if (!same) await this.#put('update', wanted)
  }

  #tuning(): Record<string, unknown> {
    return tunedSettings(this.#ackWaitSeconds)
  }

  async #info(): Promise<ConsumerInfo | undefined> {
    try {
      return await callJetStream<ConsumerInfo>(
        this.#link,
        `CONSUMER.INFO.${this.#subjects.logStream}.${this.#spec.name}`,
      )
    } catch (error) {
      if (isRefusal(error, 'consumerNotFound')) return undefined
      throw error
    }
  }

  async #create(): Promise<ConsumerInfo> {
    try {
      return await this.#put('create', {
        durable_name: this.#spec.name,
        name: this.#spec.name,
        ...(await this.#start()),
        ...this.#tuning(),
        ...(this.#spec.forgetAfterSeconds !== undefined && {
          inactive_threshold: this.#spec.forgetAfterSeconds * 1_000_000_000,
        }),
        ...consumerFilter(this.#link, this.#filters()),
        ...fixedSettings,
      })
    } catch (error) {
      // Another process was faster, with other names perhaps.
      const info = isRefusal(error, 'consumerExists', 'consumerNameInUse') ? await this.#info() : undefined
      if (info === undefined) throw error
      return info
    }
  }

  async #start(): Promise<object> {
    if (this.#floor === undefined) return { deliver_policy: this.#spec.startFrom === 'end' ? 'new' : 'all' }
    // The log may have been set back behind what was acknowledged.
    const info = await streamInfo(this.#link, this.#subjects.logStream)
    const floor = Math.min(this.#floor, info?.state.last_seq ?? 0)
    this.#log.warn(
      { consumer: this.#spec.name, floor },
      'the consumer was deleted from the server; it is made anew, and may hand out again what was handled last',
    )
    return { deliver_policy: 'by_start_sequence', opt_start_seq: floor + 1 }
  }

  async #put(action: 'create' | 'update', config: ConsumerConfig): Promise<ConsumerInfo> {
    const stream = this.#subjects.logStream
    return callJetStream(this.#link, `CONSUMER.CREATE.${stream}.${this.#spec.name}`, {
      stream_name: stream,
      config,
      action,
    })
  }
}
