import { isWakuNodeError, WakuRefusedError } from '../errors.ts'
import { backoffMilliseconds } from '../patiently.ts'
import type { CarriedMessage } from '../waku-message.ts'
import type { RefusedMessage, WakuNode } from '../waku-node.ts'
import { Waiter } from './waiter.ts'
import type { WakuLog } from './waku-log.ts'

export interface PollRelayOptions {
  readonly node: WakuNode
  readonly pollMilliseconds: number
  /** As many messages of a topic as the node keeps for who drains it. */
  readonly cacheMessages: number
  /** The topics that somebody listens to now. */
  readonly pubsubTopics: () => readonly string[]
  readonly onMessage: (message: CarriedMessage) => void
  /** Something may have been missed until now. */
  readonly onGap: () => void
  readonly onRefused: (node: string, refused: readonly RefusedMessage[]) => void
  readonly log: WakuLog
  readonly signal: AbortSignal
}

const longestWaitMilliseconds = 30_000

/**
 * Drains one node's relay on a beat, all topics with one loop. A node that was restarted has forgotten what it was
 * subscribed to; one that was away had nobody to keep messages for: then stores have to be asked.
 */
export class RelayPoller {
  readonly #options: PollRelayOptions
  readonly #subscribed = new Set<string>()
  readonly #waiter = new Waiter()
  #failed = 0

  constructor(options: PollRelayOptions) {
    this.#options = options
  }

  /** Polls at once: topics were added. */
  wake(): void {
    this.#waiter.wake()
  }

  /** Until the signal aborts. Never rejects because of what the node does. */
  async run(): Promise<void> {
    const { signal, pollMilliseconds } = this.#options
    while (!signal.aborted) {
      const isFull = await this.#round()
      const wait = this.#failed > 0 ? backoffMilliseconds(this.#failed, longestWaitMilliseconds) : pollMilliseconds
      if (!isFull && !signal.aborted) await this.#waiter.wait(wait, signal)
    }
  }

  /** @returns whether so much came that more may be there */
  async #round(): Promise<boolean> {
    const { node, log, signal, onGap, pubsubTopics } = this.#options
    try {
      let isFull = false
      for (const topic of pubsubTopics()) isFull = (await this.#drain(topic)) || isFull
      if (this.#failed > 0) log.info({ node: node.name }, 'the Waku node answers again')
      this.#failed = 0
      return isFull
    } catch (error) {
      if (signal.aborted) return false
      if (!isWakuNodeError(error)) throw error
      if (this.#failed === 0) log.warn({ node: node.name, error }, 'messages cannot be had from a Waku node')
      this.#failed += 1
      // What was drained and not read is lost to the relay.
      this.#subscribed.clear()
      onGap()
      return false
    }
  }

  async #drain(topic: string): Promise<boolean> {
    const { node, cacheMessages, signal, onMessage, onRefused, onGap } = this.#options
    if (!this.#subscribed.has(topic)) await this.#subscribe(topic)
    const drained = await node.drain(topic, signal).catch(async (error: unknown) => {
      if (!(error instanceof WakuRefusedError) || error.status !== 404) throw error
      await this.#subscribe(topic)
      return node.drain(topic, signal)
    })
    for (const message of drained.messages) onMessage(message)
    if (drained.refused.length > 0) onRefused(node.name, drained.refused)
    // The node drops the oldest when it has no room.
    const isFull = drained.messages.length >= cacheMessages
    if (isFull) onGap()
    return isFull
  }

  async #subscribe(topic: string): Promise<void> {
    const { node, signal, onGap } = this.#options
    await node.subscribe([topic], signal)
    this.#subscribed.add(topic)
    onGap()
  }
}
