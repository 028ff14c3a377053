import type { ChatTopic } from '../store/topic-groups.ts'
import type { CarriedMessage } from '../waku-message.ts'

/** Told of what comes. It must be quick, and may be told of a message twice. */
export type OnMessage = (message: CarriedMessage) => void

export interface Listening extends Disposable {
  /** The listener has read the stores by itself up to this time (Unix milliseconds): from here on the feed does. */
  caughtUp(milliseconds: number): void
  /**
   * Unix milliseconds. What the stores had up to here was handed over, by the feed or before it; `undefined` until
   * `caughtUp`.
   */
  readonly completeUntilMilliseconds: number | undefined
}

export interface Listener {
  readonly topic: ChatTopic
  readonly onMessage: OnMessage
  completeUntilMilliseconds: number | undefined
}

const keyOf = ({ pubsubTopic, contentTopic }: ChatTopic): string => `${pubsubTopic} ${contentTopic}`

/** Who listens to what. */
export class Listeners {
  readonly #byTopic = new Map<string, Set<Listener>>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  add(topic: ChatTopic, onMessage: OnMessage): Listening {
    const key = keyOf(topic)
    const listener: Listener = { topic, onMessage, completeUntilMilliseconds: undefined }
    const listeners = this.#byTopic.get(key) ?? new Set()
    this.#byTopic.set(key, listeners.add(listener))
    this.#onChange()
    return {
      caughtUp: (milliseconds) => {
        listener.completeUntilMilliseconds = Math.max(listener.completeUntilMilliseconds ?? 0, milliseconds)
      },
      get completeUntilMilliseconds() {
        return listener.completeUntilMilliseconds
      },
      [Symbol.dispose]: () => {
        listeners.delete(listener)
        if (listeners.size === 0 && this.#byTopic.get(key) === listeners) this.#byTopic.delete(key)
      },
    }
  }

  tell(message: CarriedMessage): void {
    const { pubsubTopic, message: inner } = message
    const listeners = this.#byTopic.get(keyOf({ pubsubTopic, contentTopic: inner.contentTopic }))
    for (const { onMessage } of listeners ?? []) onMessage(message)
  }

  all(): Listener[] {
    return [...this.#byTopic.values()].flatMap((listeners) => [...listeners])
  }

  pubsubTopics(): string[] {
    return [...new Set(this.all().map(({ topic }) => topic.pubsubTopic))].sort()
  }
}
