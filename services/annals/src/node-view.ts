import type { WakuMessage } from '@annals/archive'
import type { EventName, EventPayload } from '@annals/events'
import type { ImportRecord } from '@annals/imports'
import type { StreamEventsResponse } from '@annals/proto/api/v1'
import { eventCodecs } from '@annals/events'
import { stream } from './client/call.ts'
import { NodeUnreachableError } from './cli-errors.ts'
import { connect } from './client/connect.ts'
import type { NodeClient } from './client/connect.ts'
import { RecordSender } from './import/record-sender.ts'

/** So that a bar moves. */
const recordsPerTurn = 200

/** A client of a node, and every event of its log so far; for the demonstration and the whole-system tests. */
export class NodeView implements Disposable {
  readonly client: NodeClient
  readonly events: StreamEventsResponse[] = []
  readonly #listeners = new Set<() => void>()
  readonly #stop = new AbortController()
  #failure: unknown

  /** @param address where the node's gRPC interface answers */
  constructor(address: string) {
    this.client = connect({ address, token: '', config: { dataFolder: '' } })
    void this.#follow()
  }

  /** The position of the last event so far. */
  get position(): number {
    return this.events.at(-1)?.sequence ?? 0
  }

  /**
   * The first event of a name behind a position of the log that is as wished; waits for it.
   * @throws NodeUnreachableError when the node is gone
   */
  async event<N extends EventName>(
    name: N,
    after = 0,
    asWished: (payload: EventPayload<N>, communityId: string) => boolean = () => true,
  ): Promise<EventPayload<N>> {
    for (;;) {
      for (const event of this.events) {
        if (event.name !== name || event.sequence <= after || event.payload === undefined) continue
        const payload = eventCodecs[name].decode(event.payload.value) as EventPayload<N>
        if (asWished(payload, event.communityId)) return payload
      }
      if (this.#failure !== undefined) throw this.#failure
      await this.#change()
    }
  }

  /** Calls back at each event of a name behind a position, also those that were there before; ends with the answer. */
  onEvent<N extends EventName>(name: N, after: number, listener: (payload: EventPayload<N>) => void): () => void {
    let seen = after
    const look = (): void => {
      for (const event of this.events) {
        if (event.name !== name || event.sequence <= seen || event.payload === undefined) continue
        seen = event.sequence
        listener(eventCodecs[name].decode(event.payload.value) as EventPayload<N>)
      }
    }
    look()
    this.#listeners.add(look)
    return () => this.#listeners.delete(look)
  }

  /** The position of the first event of a name behind a position; 0 if there is none yet. */
  sequenceOf(name: EventName, after: number): number {
    return this.events.find((event) => event.name === name && event.sequence > after)?.sequence ?? 0
  }

  /** Imports records; calls back with how many are stored by now. @throws RejectedRecordError */
  async import(
    communityId: string,
    records: readonly ImportRecord[],
    onStored: (records: number) => void,
  ): Promise<void> {
    let refused: RejectedRecordError | undefined
    await using sender = new RecordSender(this.client, communityId, (record, reason) => {
      refused ??= new RejectedRecordError(record.sourceId, reason)
    })
    for (let at = 0; at < records.length; at += recordsPerTurn) {
      await sender.send(records.slice(at, at + recordsPerTurn))
      onStored(sender.counts.acknowledged)
    }
    onStored((await sender.finish()).acknowledged)
    if (refused !== undefined) throw refused
  }

  /** Every message the node holds of a community. */
  async *messages(communityId: string): AsyncIterable<WakuMessage> {
    const { api } = this.client
    for await (const { messages } of stream(this.client, api.streamMessages, { communityId }, this.#stop.signal))
      yield* messages
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
    this.client[Symbol.dispose]()
  }

  async #follow(): Promise<void> {
    const request = { after: 0, names: [], communityId: '', follow: true }
    try {
      for await (const event of stream(this.client, this.client.api.streamEvents, request, this.#stop.signal)) {
        this.events.push(event)
        this.#wake()
      }
    } catch (error) {
      this.#failure = error
    }
    this.#failure ??= new NodeUnreachableError(this.client.address)
    this.#wake()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const once = (): void => {
        this.#listeners.delete(once)
        resolve()
      }
      this.#listeners.add(once)
    })
  }

  #wake(): void {
    // A copy, since listeners take themselves off.
    for (const listener of Array.from(this.#listeners)) listener()
  }
}

/** The node would not take a record of the history. */
class RejectedRecordError extends Error {
  override readonly name = 'RejectedRecordError'

  constructor(sourceId: string, reason: string) {
    super(`record ${sourceId} cannot be imported: ${reason}`)
  }
}
