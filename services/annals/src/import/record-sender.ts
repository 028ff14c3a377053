import type { ImportRecord } from '@annals/imports'
import type { Chat, ImportMessagesRequest, ImportMessagesResponse } from '@annals/proto/api/v1'
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js'
import { once } from 'node:events'
import { readFailure } from '../client/read-failure.ts'
import type { NodeClient } from '../client/connect.ts'

export interface SendCounts {
  acknowledged: number
  stored: number
  known: number
  repeated: number
  readonly newChats: Chat[]
}

const batchRecords = 500
/** A request may have 16 MiB; characters of the text are counted, of which each has 3 bytes at most. */
const batchCharacters = 2 * 1024 * 1024
/** So the node is never idle, and this end never holds more than a few requests. */
const maxUnderWay = 4

/** Sends records in requests of bounded size, a bounded number of them ahead of the node's answers. */
export class RecordSender implements AsyncDisposable {
  readonly counts: SendCounts = { acknowledged: 0, stored: 0, known: 0, repeated: 0, newChats: [] }
  readonly #communityId: string
  readonly #onRejected: (record: ImportRecord, reason: string) => void
  readonly #stream: ClientDuplexStream<ImportMessagesRequest, ImportMessagesResponse>
  readonly #ended: Promise<void>
  #underWay: ImportRecord[][] = []
  #waiting: ImportRecord[] = []
  #waitingCharacters = 0
  #answered = Promise.withResolvers<void>()

  constructor(client: NodeClient, communityId: string, onRejected: (record: ImportRecord, reason: string) => void) {
    this.#communityId = communityId
    this.#onRejected = onRejected
    this.#stream = client.api.importMessages()
    const ended = Promise.withResolvers<void>()
    this.#stream.on('data', (response: ImportMessagesResponse) => this.#take(response))
    this.#stream.on('error', (error: ServiceError) => ended.reject(readFailure(error, client.address)))
    this.#stream.on('end', () => ended.resolve())
    this.#ended = ended.promise
    // Whoever sends or finishes hears of it.
    this.#ended.catch(() => undefined)
  }

  /** Resolves when there is room for more. @throws NodeError, NodeUnreachableError */
  async send(records: readonly ImportRecord[]): Promise<void> {
    for (const record of records) {
      this.#waiting.push(record)
      this.#waitingCharacters += record.text.length
      if (this.#waiting.length >= batchRecords || this.#waitingCharacters >= batchCharacters) await this.#flush()
    }
  }

  /** Sends what is left and waits for the last answer. @throws NodeError, NodeUnreachableError */
  async finish(): Promise<SendCounts> {
    if (this.#waiting.length > 0) await this.#flush()
    this.#stream.end()
    await this.#ended
    return this.counts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.cancel()
    await this.#ended.catch(() => undefined)
  }

  async #flush(): Promise<void> {
    while (this.#underWay.length >= maxUnderWay) await Promise.race([this.#answered.promise, this.#failed()])
    const records = this.#waiting
    this.#waiting = []
    this.#waitingCharacters = 0
    this.#underWay.push(records)
    const request = {
      communityId: this.#communityId,
      records: records.map((record) => ({ ...record, attachments: [...record.attachments] })),
    }
    if (!this.#stream.write(request)) await Promise.race([once(this.#stream, 'drain'), this.#failed()])
  }

  /** Never resolves: an end before the last request was answered is an error too, which the stream's status tells. */
  async #failed(): Promise<never> {
    await this.#ended
    throw new Error('the node ended the import before its end')
  }

  #take(response: ImportMessagesResponse): void {
    const records = this.#underWay.shift() ?? []
    this.counts.acknowledged += records.length
    this.counts.stored += response.stored
    this.counts.known += response.known
    this.counts.repeated += response.repeated
    this.counts.newChats.push(...response.newChats)
    for (const { index, reason } of response.rejected) {
      const record = records[index]
      if (record !== undefined) this.#onRejected(record, reason)
    }
    this.#answered.resolve()
    this.#answered = Promise.withResolvers<void>()
  }
}
