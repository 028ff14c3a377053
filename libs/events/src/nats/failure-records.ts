import { callJetStream, getMessage, refuseIfRefused, type NatsLink, type Refusable } from '@annals/nats'
import { originOf } from './event-message.ts'
import type { Delivered } from './pull-inbox.ts'
import { parseEventSubject, type Subjects } from './subjects.ts'

/** What is remembered of an event that was not handled at its first delivery. */
export interface FailureRecord {
  /** Hand-outs so far. */
  readonly attempts: number
  /** How many of them the end of the process cut off. */
  readonly interrupted: number
  /** True from before a hand-out until its outcome is known. */
  readonly withHandler: boolean
}

/** A record and where it stands. */
export interface FoundRecord extends FailureRecord {
  readonly position: number
}

/**
 * The failures of one consumer's events. The server counts deliveries, and so too what a handler puts off, what was
 * fetched and given back, and what a lost connection brought twice; so failures are counted here. One message for each
 * event that is under way, replaced at each outcome.
 */
export class FailureRecords {
  readonly #link: NatsLink
  readonly #subjects: Subjects
  readonly #consumer: string

  constructor(link: NatsLink, subjects: Subjects, consumer: string) {
    this.#link = link
    this.#subjects = subjects
    this.#consumer = consumer
  }

  async find(event: Delivered): Promise<FoundRecord | undefined> {
    const stream = this.#subjects.failureStream
    const message = await getMessage(this.#link, stream, { last_by_subj: this.#subject(event) })
    if (message === undefined) return undefined
    const record = JSON.parse(new TextDecoder().decode(message.payload)) as FailureRecord
    return { ...record, position: message.sequence }
  }

  /** Resolves with its position once the server has it. */
  async write(event: Delivered, record: FailureRecord): Promise<number> {
    const { attempts, interrupted, withHandler } = record
    const subject = this.#subject(event)
    const message = await this.#link.request(subject, JSON.stringify({ attempts, interrupted, withHandler }))
    const answer = message.json<Refusable & { readonly seq: number }>()
    refuseIfRefused(subject, answer)
    return answer.seq
  }

  /** One that stays does no harm, and goes by its age. */
  forget(position: number): void {
    const body = { seq: position, no_erase: true }
    void callJetStream(this.#link, `STREAM.MSG.DELETE.${this.#subjects.failureStream}`, body).catch(() => undefined)
  }

  /** The event's digest as well: a log that was set back gives its positions to other events. */
  #subject(event: Delivered): string {
    return this.#subjects.failure(this.#consumer, event.sequence, tokenOf(event))
  }
}

export function tokenOf(event: Delivered): string {
  return parseEventSubject(originOf(event).subject).token
}
