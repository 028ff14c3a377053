import { getMessage, type NatsLink } from '@annals/nats'
import type { Waiting } from '../delivery-queue.ts'
import { originOf, toEventRow } from './event-message.ts'
import type { Delivered } from './pull-inbox.ts'
import { parseEventSubject } from './subjects.ts'

/** An event that this process has from the server and has not given back. */
export interface Held extends Waiting {
  message: Delivered
  /**
   * `held`: waits for the handler, or is with it. `settling`: the server is told that it is handled. `returning`: the
   * server is told to hand it out again. `void`: the log does not hold it any more, and its position may be another
   * event's.
   */
  state: 'held' | 'settling' | 'returning' | 'void'
  /** Where its record of failures stands, if it has one. */
  position?: number
}

/** What this process has of one consumer, by position. */
export class HeldEvents {
  readonly #link: NatsLink
  readonly #stream: string
  readonly #held = new Map<number, Held>()
  #bytes = 0

  constructor(link: NatsLink, stream: string) {
    this.#link = link
    this.#stream = stream
  }

  get size(): number {
    return this.#held.size
  }

  get bytes(): number {
    return this.#bytes
  }

  [Symbol.iterator](): Iterator<Held> {
    return this.#held.values()
  }

  /** What has come in; `undefined` where it is here already, and is only to be acknowledged in its newest delivery. */
  take(message: Delivered): Held | undefined {
    const known = this.#held.get(message.sequence)
    if (known !== undefined) {
      const isSame = known.message.timeNanoseconds === message.timeNanoseconds
      if (isSame && !isBack(known, message)) {
        known.message = message
        return undefined
      }
      if (isSame) this.letGo(known)
      else this.voided(known)
    }
    const { community } = parseEventSubject(originOf(message).subject)
    const held: Held = {
      sequence: message.sequence,
      // A replay of somebody else's making has no subject to take it from.
      communityId: community === '' ? toEventRow(message).community : community,
      attempts: 0,
      interrupted: 0,
      message,
      state: 'held',
    }
    this.#held.set(held.sequence, held)
    this.#bytes += message.payload.length
    return held
  }

  letGo(held: Held): void {
    if (this.#held.get(held.sequence) !== held) return
    this.#held.delete(held.sequence)
    this.#bytes -= held.message.payload.length
  }

  voided(held: Held): void {
    held.state = 'void'
    this.letGo(held)
  }

  /**
   * After the server was away: finds out whether the log is the same. One that was set back (a restored backup, a disk
   * that had not written) hands the positions of what it lost to other events, which must not be acknowledged by what
   * is here. Everything up to the newest position that is the same is the same.
   */
  async verify(): Promise<void> {
    const newestFirst = [...this.#held.values()].toSorted((a, b) => b.sequence - a.sequence)
    for (const held of newestFirst) {
      const there = await getMessage(this.#link, this.#stream, { seq: held.sequence })
      if (there?.timeNanoseconds === held.message.timeNanoseconds) return
      this.voided(held)
    }
  }
}

/** Handed out again as it was asked for: that can come together with the server's word that it will. */
function isBack(known: Held, message: Delivered): boolean {
  return known.state === 'returning' && message.deliveries > known.message.deliveries
}
