import { callJetStream, getMessage, isRefusal, patiently, refuseIfRefused, streamInfo } from '@annals/nats'
import type { NatsLink, StoredMessage } from '@annals/nats'
import { UnknownDeadLetterError } from '../errors.ts'
import type { DeadLetter } from '../event-bus.ts'
import { toShownEvent } from '../event-row.ts'
import { carriedHeaders, toEventRow } from './event-message.ts'
import { tokenOf } from './failure-records.ts'
import type { Delivered } from './pull-inbox.ts'
import { readStream } from './read-stream.ts'
import type { Subjects } from './subjects.ts'

const patienceSeconds = 10

/** The dead letters of all consumers, in a stream of their own; a letter's number is its position there. */
export class DeadLetterStream {
  readonly #link: NatsLink
  readonly #subjects: Subjects

  constructor(link: NatsLink, subjects: Subjects) {
    this.#link = link
    this.#subjects = subjects
  }

  /** Whether the letter of a delivery is there. */
  async holds(consumer: string, event: Delivered): Promise<boolean> {
    const subject = this.#subjects.deadLetter(consumer, event.sequence, tokenOf(event))
    return (await getMessage(this.#link, this.#subjects.deadLetterStream, { last_by_subj: subject })) !== undefined
  }

  /** Once for each delivery, however often it is called. Resolves when the server has it. */
  async bury(
    consumer: string,
    event: Delivered,
    letter: { readonly deliveries: number; readonly error: string; readonly timeMilliseconds: number },
  ): Promise<void> {
    const subject = this.#subjects.deadLetter(consumer, event.sequence, tokenOf(event))
    const hdrs = carriedHeaders(event)
    hdrs.set('annals-consumer', consumer)
    hdrs.set('annals-deliveries', String(letter.deliveries))
    // As JSON, so that lines within it stay.
    hdrs.set('annals-error', JSON.stringify(letter.error))
    hdrs.set('annals-time', new Date(letter.timeMilliseconds).toISOString())
    hdrs.set('Nats-Expected-Last-Subject-Sequence', '0')
    const message = await this.#link.request(subject, event.payload, { headers: hdrs })
    try {
      refuseIfRefused(subject, message.json())
    } catch (error) {
      if (!isRefusal(error, 'wrongLastSequence')) throw error
    }
  }

  async *list(): AsyncGenerator<DeadLetter, void> {
    const until = await this.#patiently(async () => {
      const info = await streamInfo(this.#link, this.#subjects.deadLetterStream)
      return info?.state.last_seq ?? 0
    })
    if (until === 0) return
    const stream = this.#subjects.deadLetterStream
    const filters = [this.#subjects.deadLetters()]
    for await (const message of readStream({ link: this.#link, stream, filters, after: 0, until })) {
      yield toDeadLetter(message)
    }
  }

  /** @throws as `streamInfo` */
  async count(): Promise<number> {
    const info = await streamInfo(this.#link, this.#subjects.deadLetterStream)
    return info?.state.messages ?? 0
  }

  /**
   * Puts the event behind the log's end, addressed to its consumer, and then removes the letter. A crash between the
   * two hands the event out, and leaves the letter to be replayed again.
   * @throws UnknownDeadLetterError
   */
  async replay(id: number): Promise<void> {
    const message = await this.#find(id)
    const { consumer } = toDeadLetter(message)
    const subject = this.#subjects.replay(consumer, id)
    const hdrs = carriedHeaders(message)
    // For a second try after a lost answer; a letter's position and time are that letter's alone.
    hdrs.set('Nats-Msg-Id', `${subject}/${message.timeNanoseconds}`)
    await this.#patiently(async () => {
      const answer = await this.#link.request(subject, message.payload, { headers: hdrs })
      refuseIfRefused(subject, answer.json())
    })
    await this.#remove(id)
  }

  /** @throws UnknownDeadLetterError */
  async drop(id: number): Promise<void> {
    await this.#find(id)
    await this.#remove(id)
  }

  async #find(id: number): Promise<StoredMessage> {
    if (!Number.isSafeInteger(id) || id < 1) throw new UnknownDeadLetterError(id)
    const stream = this.#subjects.deadLetterStream
    const message = await this.#patiently(() => getMessage(this.#link, stream, { seq: id }))
    if (message === undefined) throw new UnknownDeadLetterError(id)
    return message
  }

  async #remove(id: number): Promise<void> {
    await this.#patiently(async () => {
      try {
        const body = { seq: id, no_erase: true }
        await callJetStream(this.#link, `STREAM.MSG.DELETE.${this.#subjects.deadLetterStream}`, body)
      } catch (error) {
        // Removed by a first try whose answer was lost, or by somebody else at the same moment.
        if (!isRefusal(error, 'messageNotFound', 'sequenceNotFound', 'messageDeleteFailed')) throw error
      }
    })
  }

  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently({ link: this.#link, seconds: patienceSeconds }, work)
  }
}

function toDeadLetter(message: StoredMessage): DeadLetter {
  const time = Date.parse(message.headers.get('annals-time'))
  return {
    id: message.sequence,
    consumer: message.headers.get('annals-consumer'),
    event: toShownEvent(toEventRow(message)),
    deliveries: Number(message.headers.get('annals-deliveries')),
    error: readError(message.headers.get('annals-error')),
    timeMilliseconds: Number.isNaN(time) ? Number(message.timeNanoseconds / 1_000_000n) : time,
  }
}

function readError(json: string): string {
  try {
    return String(JSON.parse(json))
  } catch {
    return json
  }
}
