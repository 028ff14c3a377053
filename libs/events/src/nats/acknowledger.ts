import { isPassing, pauseFor, type NatsLink } from '@annals/nats'
import type { BusLog } from '../bus-log.ts'
import type { Held, HeldEvents } from './held-events.ts'

/** What the server is told of a delivery: handled, or to be handed out again after a time. */
export type Answer = { readonly kind: 'ack' } | { readonly kind: 'nak'; readonly delaySeconds: number }

/**
 * A server that does not confirm so often does not know the delivery any more; if it does, the delivery comes again.
 */
const maxTries = 3

const timeoutMilliseconds = 2000

/** Longest wait before it is looked again whether answers may be sent. */
const lookMilliseconds = 1000

/**
 * Gives events back to the server and waits for its word that it has taken the answer, many at a time. Between the end
 * of a connection and the check of what the server still knows nothing is sent: see `HeldEvents.verify`.
 */
export class Acknowledger {
  readonly #link: NatsLink
  readonly #held: HeldEvents
  readonly #log: BusLog
  readonly #changed: () => void
  #open = false
  #opened = Promise.withResolvers<void>()
  #underWay = 0

  constructor(link: NatsLink, held: HeldEvents, log: BusLog, changed: () => void) {
    this.#link = link
    this.#held = held
    this.#log = log
    this.#changed = changed
  }

  /** Answers that the server has not confirmed. */
  get underWay(): number {
    return this.#underWay
  }

  get isOpen(): boolean {
    return this.#open && this.#link.state === 'connected'
  }

  open(): void {
    this.#open = true
    this.#opened.resolve()
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#opened = Promise.withResolvers()
  }

  /** Resolves when the server has confirmed, or when there is no use in asking any more. */
  async answer(held: Held, answer: Answer, signal: AbortSignal): Promise<void> {
    if (isVoid(held)) return
    held.state = answer.kind === 'nak' ? 'returning' : 'settling'
    this.#underWay += 1
    try {
      await this.#send(held, answer, signal)
    } finally {
      this.#underWay -= 1
      this.#held.letGo(held)
      this.#changed()
    }
  }

  async #send(held: Held, answer: Answer, signal: AbortSignal): Promise<void> {
    for (let tries = 0; tries < maxTries;) {
      if (!this.isOpen) {
        if (signal.aborted || this.#link.state === 'closed') return
        await Promise.race([this.#opened.promise, pauseFor(lookMilliseconds, signal)])
        continue
      }
      // Set back meanwhile: its position may be another event's.
      if (isVoid(held)) return
      try {
        await this.#link.request(held.message.reply, payloadOf(answer), { timeoutMilliseconds })
        return
      } catch (error) {
        if (!isPassing(error)) {
          const { sequence } = held
          this.#log.warn({ sequence, err: error }, 'an event could not be acknowledged; it will come again')
          return
        }
        if (this.isOpen) tries += 1
      }
    }
  }

  /** Gives back at once what the handler has not had, without waiting for a word. */
  release(held: Held): void {
    if (held.state === 'held' && this.isOpen) this.#link.connection.publish(held.message.reply, '-NAK')
    this.#held.letGo(held)
  }

  /** Tells the server that events are still being worked at. */
  working(events: Iterable<Held>): void {
    if (!this.isOpen) return
    for (const { state, message } of events) {
      if (state === 'held') this.#link.connection.publish(message.reply, '+WPI')
    }
  }
}

function isVoid(held: Held): boolean {
  return held.state === 'void'
}

function payloadOf(answer: Answer): string {
  if (answer.kind === 'ack') return '+ACK'
  const nanoseconds = Math.ceil(Math.max(0, answer.delaySeconds || 0) * 1_000_000_000)
  return nanoseconds === 0 ? '-NAK' : `-NAK {"delay": ${nanoseconds}}`
}
