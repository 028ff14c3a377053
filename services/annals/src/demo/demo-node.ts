import type { WakuMessage } from '@annals/archive'
import type { EventName, EventPayload } from '@annals/events'
import type { ImportRecord } from '@annals/imports'
import type { StreamEventsResponse } from '@annals/proto/api/v1'
import { eventCodecs } from '@annals/events'
import { AnnalsClient } from '../client.ts'
import type { NodeProcessOptions } from '../node-process.ts'
import { NodeProcess } from '../node-process.ts'

/** Records in one request of an import; small enough that a bar moves. */
const recordsPerRequest = 200

/** A node of the demonstration: its process, a client of it, and every event it has published so far. */
export class DemoNode implements AsyncDisposable {
  readonly process: NodeProcess
  readonly client: AnnalsClient
  readonly events: StreamEventsResponse[] = []
  readonly #waiting = new Set<() => void>()
  readonly #stop = new AbortController()
  #failure: unknown

  private constructor(process: NodeProcess) {
    this.process = process
    this.client = new AnnalsClient({ address: process.address })
    void this.#follow()
  }

  static async start(options: NodeProcessOptions): Promise<DemoNode> {
    return new DemoNode(await NodeProcess.start(options))
  }

  /** The position of the last event so far. */
  get position(): number {
    return this.events.at(-1)?.sequence ?? 0
  }

  /** The first event of a name behind a position of the log; waits for it. @throws when the node is gone */
  async event<N extends EventName>(name: N, after = 0): Promise<EventPayload<N>> {
    for (;;) {
      const found = this.events.find((event) => event.name === name && event.sequence > after)
      if (found?.payload !== undefined) return eventCodecs[name].decode(found.payload.value) as EventPayload<N>
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
      this.#waiting.clear()
    }
  }

  /** Imports records; calls back with how many are stored by now. */
  async import(communityId: string, records: readonly ImportRecord[], onStored: (records: number) => void): Promise<void> {
    let stored = 0
    for await (const answer of this.client.exchange('importMessages', requests(communityId, records))) {
      const [rejected] = answer.rejected
      if (rejected !== undefined) throw new Error(`record ${rejected.index} cannot be imported: ${rejected.reason}`)
      stored += answer.stored + answer.known + answer.repeated
      onStored(stored)
    }
  }

  /** Every message the node holds of a community. */
  async *messages(communityId: string): AsyncIterable<WakuMessage> {
    for await (const { messages } of this.client.stream('streamMessages', { communityId })) yield* messages
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.client[Symbol.dispose]()
    await this.process[Symbol.asyncDispose]()
  }

  async #follow(): Promise<void> {
    const request = { after: 0, names: [], communityId: '', follow: true }
    try {
      for await (const event of this.client.stream('streamEvents', request, this.#stop.signal)) {
        this.events.push(event)
        this.#wake()
      }
    } catch (error) {
      this.#failure = error
    }
    this.#failure ??= new Error(`the node is gone; its log is ${this.process.logFile}`)
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
  }
}

function* requests(communityId: string, records: readonly ImportRecord[]) {
  for (let at = 0; at < records.length; at += recordsPerRequest)
    yield { communityId, records: records.slice(at, at + recordsPerRequest).map((record) => ({ ...record, attachments: [...record.attachments] })) }
}
