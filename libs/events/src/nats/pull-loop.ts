import { isServerAtLeast, type NatsLink, type NatsPermissionError } from '@annals/nats'
import type { ConsumerSpec } from '../event-bus.ts'
import type { EventName } from '../event-types.ts'
import type { HeldEvents } from './held-events.ts'
import { PullInbox, type Delivered } from './pull-inbox.ts'
import { PullPolicy } from './pull-policy.ts'

/** Events that this process holds at most, and their payloads' size: what waits because others are before it. */
const window = { events: 4000, bytes: 64 * 1024 * 1024 }

const expiresMilliseconds = 30_000
const heartbeatMilliseconds = 5000

/** Nothing heard for so long, and the pull is taken for lost (two heartbeats, and some). */
const silenceMilliseconds = 12_000

/** Wait before asking again where the last pull ended at once. */
const pauseMilliseconds = 250

/** How long a probe waits for its answer. */
const probeMilliseconds = 2000

export interface PullLoopListener {
  delivered(message: Delivered): void
  /** The consumer, or its word, is not there any more. */
  lost(): void
  /** The server lets this user not ask for events; what is asked for is lost. */
  refused(refusal: NatsPermissionError): void
  /** It is time to look whether to ask for more. */
  changed(): void
}

/** Asks the server for events, one pull at a time, as many as are of use. */
export class PullLoop {
  readonly policy: PullPolicy
  readonly #link: NatsLink
  readonly #listener: PullLoopListener
  readonly #inbox: PullInbox
  readonly #watch: NodeJS.Timeout
  /** Messages that the pull under way may still bring. */
  #open = 0
  #pull = 0
  #askedAt = 0
  #heardAt = 0
  #paused = false
  #pauseTimer: NodeJS.Timeout | undefined
  #probe: { readonly pull: number; resolve(answer: 'empty' | 'more'): void } | undefined

  constructor(
    link: NatsLink,
    stream: string,
    spec: Pick<ConsumerSpec<EventName>, 'name' | 'concurrency'>,
    listener: PullLoopListener,
  ) {
    this.#link = link
    this.#listener = listener
    this.policy = new PullPolicy(spec.concurrency)
    this.#inbox = new PullInbox(link, stream, spec.name, {
      delivered: (message) => this.#delivered(message),
      status: (pull, code, description) => this.#status(pull, code, description),
      refused: (refusal) => listener.refused(refusal),
    })
    this.#watch = setInterval(() => this.#lookForSilence(), silenceMilliseconds / 4)
  }

  /** Whether the server hands out more than was asked for: before 2.10 a consumer has one filter. */
  get isWide(): boolean {
    return !isServerAtLeast(this.#link, 2, 10)
  }

  ask(need: { readonly room: number; readonly waiting: number; readonly held: HeldEvents }): void {
    const { room, waiting, held } = need
    if (this.#paused || this.#open > 0 || this.#pauseTimer !== undefined || held.bytes >= window.bytes) return
    const batch = Math.min(this.policy.batch(room, waiting), window.events - held.size)
    if (batch <= 0) return
    this.#open = batch
    this.#askedAt = this.#heardAt = performance.now()
    this.#pull = this.#inbox.pull({ batch, expiresMilliseconds, heartbeatMilliseconds })
  }

  #delivered(message: Delivered): void {
    this.#heardAt = performance.now()
    if (this.#open > 0) {
      this.#open -= 1
      if (this.#open === 0) this.policy.filled()
    }
    this.#probe?.resolve('more')
    this.#listener.delivered(message)
  }

  #status(pull: number, code: number, description: string): void {
    this.#heardAt = performance.now()
    if (pull === this.#probe?.pull) return this.#probe.resolve(code === 404 ? 'empty' : 'more')
    if (pull !== this.#pull || code === 100) return
    this.#open = 0
    // 503: nobody listens; 409 has several meanings.
    if (code === 503 || /deleted|shutdown|leadership/i.test(description)) return this.#listener.lost()
    if (performance.now() - this.#askedAt >= pauseMilliseconds) return this.#listener.changed()
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined
      this.#listener.changed()
    }, pauseMilliseconds)
  }

  #lookForSilence(): void {
    if (this.#paused || this.#open === 0 || this.#link.state !== 'connected') return
    if (performance.now() - this.#heardAt > silenceMilliseconds) this.#listener.lost()
  }

  /** Whether the server has anything for this consumer now. All that it sent before has come in by then. */
  async probe(): Promise<'empty' | 'more'> {
    const { promise, resolve } = Promise.withResolvers<'empty' | 'more'>()
    const timer = setTimeout(() => resolve('more'), probeMilliseconds)
    const pull = this.#inbox.pull({ batch: 1 })
    this.#probe = { pull, resolve }
    const answer = await promise
    clearTimeout(timer)
    return answer
  }

  /** The connection is gone, and what was asked for with it. */
  pause(): void {
    this.#paused = true
    this.#open = 0
  }

  resume(): void {
    this.#paused = false
  }

  /** Takes no more; resolves when what was on its way has come. */
  async drain(): Promise<void> {
    this.#paused = true
    await this.#inbox.drain()
  }

  close(): void {
    clearInterval(this.#watch)
    clearTimeout(this.#pauseTimer)
    this.#inbox.close()
  }
}
