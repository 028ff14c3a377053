import {
  FlightLimit,
  getMessage,
  isRefusal,
  patiently,
  refuseIfRefused,
  type NatsLink,
  type Refusable,
} from '@annals/nats'
import type { MsgHdrs } from '@nats-io/transport-node'
import { eventLimitBytes } from '../encode-event.ts'
import { EventTooLargeError, InvalidEventError } from '../errors.ts'
import type { Published } from '../event-bus.ts'
import type { EventRow } from '../event-row.ts'
import type { EventName } from '../event-types.ts'
import { encodeValue, eventHeaders, toEventRow } from './event-message.ts'
import type { Subjects } from './subjects.ts'

/** What the server must answer to is kept below what it queues for a stream (10,000 messages by default). */
const flight = { messages: 1000, bytes: 16 * 1024 * 1024 }

/** How long is tried to publish, with a server that is away for a moment. */
const patienceSeconds = 10
const answerMilliseconds = 3000

/** Longest envelope. A dead letter of the event has more headers, and must not be refused for its size. */
const headerLimitBytes = 16 * 1024
const reserveBytes = 32 * 1024

/** What a server must take (`max_payload`) so that every event fits that the bus of the embedded set takes. */
export const neededPayloadBytes = eventLimitBytes + reserveBytes

interface PublishAnswer extends Refusable {
  readonly seq: number
  readonly duplicate?: boolean
}

/**
 * Puts events into the log. Each has a subject of its own, and the server takes it only if that subject is still
 * empty: so an id is taken once for ever, and to try again is harmless when nobody knows what became of the first try.
 */
export class EventPublisher {
  readonly #link: NatsLink
  readonly #subjects: Subjects
  readonly #flight = new FlightLimit(flight)

  constructor(link: NatsLink, subjects: Subjects) {
    this.#link = link
    this.#subjects = subjects
  }

  /** @throws EventTooLargeError, InvalidEventError, and those of the link */
  async publish(row: Omit<EventRow, 'sequence'>): Promise<Published> {
    const subject = this.#subjects.event(row.name as EventName, row.community, row.id)
    const hdrs = this.#headers(row)
    await this.#flight.enter(row.payload.length)
    try {
      return await patiently({ link: this.#link, seconds: patienceSeconds }, () => this.#try(subject, row, hdrs))
    } finally {
      this.#flight.leave(row.payload.length)
    }
  }

  #headers(row: Omit<EventRow, 'sequence'>): MsgHdrs {
    // Beyond what a date can hold there is no text form of a time.
    if (Math.abs(row.time_ms) > 8.64e15) {
      throw new InvalidEventError(row.id, 'timeMilliseconds', 'it is beyond the year 275760')
    }
    const hdrs = eventHeaders(row, {
      'Nats-Msg-Id': encodeValue(row.id),
      'Nats-Expected-Last-Subject-Sequence': '0',
    })
    const envelopeBytes = row.id.length + row.community.length + row.source.length + (row.traceparent?.length ?? 0)
    // The exact size matters only for what is near the limit.
    if (envelopeBytes > headerLimitBytes / 32 && headerBytes(hdrs) > headerLimitBytes) {
      throw new InvalidEventError(row.id, 'id', `its envelope is larger than ${headerLimitBytes} bytes`)
    }
    const limitBytes = this.#link.maxPayloadBytes - reserveBytes
    if (row.payload.length > limitBytes) throw new EventTooLargeError(row.id, row.payload.length, limitBytes)
    return hdrs
  }

  async #try(subject: string, row: Omit<EventRow, 'sequence'>, hdrs: MsgHdrs): Promise<Published> {
    const message = await this.#link.request(subject, row.payload, {
      headers: hdrs,
      timeoutMilliseconds: answerMilliseconds,
    })
    const answer = message.json<PublishAnswer>()
    try {
      refuseIfRefused(subject, answer)
    } catch (error) {
      if (isRefusal(error, 'wrongLastSequence')) return this.#first(subject, row.id, error)
      throw error
    }
    return { sequence: answer.seq, duplicate: answer.duplicate === true }
  }

  async #first(subject: string, id: string, refusal: unknown): Promise<Published> {
    const message = await getMessage(this.#link, this.#subjects.logStream, { last_by_subj: subject })
    if (message === undefined) throw refusal
    const first = toEventRow(message)
    if (first.id !== id) throw new InvalidEventError(id, 'id', `its digest is that of ${JSON.stringify(first.id)}`)
    return { sequence: message.sequence, duplicate: true }
  }
}

function headerBytes(hdrs: MsgHdrs): number {
  let bytes = 0
  for (const [key, values] of hdrs) bytes += key.length + 4 + values.reduce((sum, value) => sum + value.length, 0)
  return bytes
}
