import { SegmentAssembler, SymmetricKeys } from '@annals/crypto'
import type { ServiceContext } from '@annals/service'
import { openTestNode } from '@annals/service/testing'
import type { TestNode, TestNodeOptions } from '@annals/service/testing'
import { openWakuFeed } from '@annals/waku'
import type { CarriedMessage, Listening, OnMessage, ChatTopic, WakuFeed, WakuNode } from '@annals/waku'
import type { WakuMessage } from '@annals/archive'
import { pubsubTopic } from './sent-message.ts'

/** A feed that the test speaks through as well. */
export interface SpokenFeed extends WakuFeed {
  tell(message: CarriedMessage): void
  /** Content topics that somebody listens to. */
  topics(): string[]
}

/**
 * A node whose network is these stores, and whatever the test tells its listeners.
 * @param open on which engines; the embedded ones where absent
 */
export async function openCollectingNode(
  stores: readonly WakuNode[],
  options: TestNodeOptions = {},
  open: (options: TestNodeOptions) => Promise<TestNode> = openTestNode,
): Promise<TestNode & { readonly feed: SpokenFeed }> {
  const feed = spokenFeed(stores)
  const node = await open({
    ...options,
    wrapEngines(engines) {
      const wrapped = options.wrapEngines?.(engines) ?? engines
      const [keys, segments] = [new SymmetricKeys(), new SegmentAssembler()]
      return { ...wrapped, waku: { relays: [], stores, feed, pubsubTopic, keys, segments } }
    },
  })
  return {
    ...node,
    feed,
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]()
      await feed[Symbol.asyncDispose]()
    },
  }
}

function spokenFeed(stores: readonly WakuNode[]): SpokenFeed {
  const inner = openWakuFeed({ relays: [], stores })
  const listeners = new Set<{ readonly topic: ChatTopic; readonly onMessage: OnMessage }>()
  return {
    overlapMilliseconds: inner.overlapMilliseconds,
    listen(topic, onMessage): Listening {
      const listening = inner.listen(topic, onMessage)
      const listener = { topic, onMessage }
      listeners.add(listener)
      return {
        caughtUp: (milliseconds) => listening.caughtUp(milliseconds),
        get completeUntilMilliseconds() {
          return listening.completeUntilMilliseconds
        },
        [Symbol.dispose]() {
          listeners.delete(listener)
          listening[Symbol.dispose]()
        },
      }
    },
    tell(message) {
      for (const { topic, onMessage } of listeners)
        if (topic.contentTopic === message.message.contentTopic) onMessage(message)
    },
    topics: () => [...listeners].map(({ topic }) => topic.contentTopic),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}

/** All that is held of a community, in order. */
export async function held(
  { messages }: Pick<ServiceContext, 'messages'>,
  communityId: string,
): Promise<WakuMessage[]> {
  return (await Array.fromAsync(messages.range(communityId, {}))).flat()
}

/** Resolves once something holds; looks again as soon as others had their turn. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}
