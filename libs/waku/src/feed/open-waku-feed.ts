import type { ChatTopic } from '../store/topic-groups.ts'
import type { WakuNode } from '../waku-node.ts'
import { CatchUp } from './catch-up.ts'
import { Listeners } from './listeners.ts'
import type { Listening, OnMessage } from './listeners.ts'
import { RelayPoller } from './poll-relay.ts'
import { silentLog } from './waku-log.ts'
import type { WakuLog } from './waku-log.ts'

export interface WakuFeedOptions {
  /** All of them are drained; what comes from several is told of several times. */
  readonly relays: readonly WakuNode[]
  readonly stores: readonly WakuNode[]
  /** 1,000 where absent. */
  readonly pollMilliseconds?: number
  /** As many messages of a topic as the nodes keep between two polls (`rest-relay-cache-capacity`). 50 where absent. */
  readonly cacheMessages?: number
  /** How often the stores are asked for what the relays did not bring. 300,000 where absent. */
  readonly catchUpMilliseconds?: number
  /** How late a message may come to the stores and still be found. 3,600,000 where absent. */
  readonly overlapMilliseconds?: number
  readonly log?: WakuLog
  /** Unix milliseconds. */
  readonly now?: () => number
}

/**
 * What comes on the network, for all chats of a process: one poller for each relay node, and one that asks the stores.
 * It starts with the first listener.
 */
export interface WakuFeed extends AsyncDisposable {
  readonly overlapMilliseconds: number
  /**
   * Tells a listener of each message of a topic, from now on: at least once, in no order. What was before is for the
   * listener to read from the stores, and then to say `caughtUp`.
   */
  listen(topic: ChatTopic, onMessage: OnMessage): Listening
}

export function openWakuFeed(options: WakuFeedOptions): WakuFeed {
  return new PollingFeed(options)
}

class PollingFeed implements WakuFeed {
  readonly overlapMilliseconds: number
  readonly #stop = new AbortController()
  readonly #listeners = new Listeners(() => this.#changed())
  readonly #pollers: readonly RelayPoller[]
  readonly #catchUp: CatchUp
  #running: Promise<unknown> | undefined

  constructor(options: WakuFeedOptions) {
    const { relays, stores, pollMilliseconds = 1_000, cacheMessages = 50, log = silentLog, now = Date.now } = options
    this.overlapMilliseconds = options.overlapMilliseconds ?? 3_600_000
    const onMessage: OnMessage = (message) => this.#listeners.tell(message)
    const { signal } = this.#stop
    this.#catchUp = new CatchUp({
      stores,
      beatMilliseconds: options.catchUpMilliseconds ?? 300_000,
      overlapMilliseconds: this.overlapMilliseconds,
      listeners: () => this.#listeners.all(),
      onMessage,
      now,
      log,
      signal,
    })
    this.#pollers = relays.map(
      (node) =>
        new RelayPoller({
          node,
          pollMilliseconds,
          cacheMessages,
          pubsubTopics: () => this.#listeners.pubsubTopics(),
          onMessage,
          onGap: () => this.#catchUp.want(),
          onRefused: (name, refused) =>
            log.warn({ node: name, refused: refused.length, first: refused[0] }, 'a relay gave what is no message'),
          log,
          signal,
        }),
    )
  }

  listen(topic: ChatTopic, onMessage: OnMessage): Listening {
    return this.#listeners.add(topic, onMessage)
  }

  #changed(): void {
    if (this.#stop.signal.aborted) return
    this.#running ??= Promise.all([...this.#pollers.map((poller) => poller.run()), this.#catchUp.run()])
    for (const poller of this.#pollers) poller.wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}
