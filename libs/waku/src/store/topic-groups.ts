import { createHash } from 'node:crypto'

/** Where messages of a chat are found. */
export interface ChatTopic {
  /** `/waku/2/rs/16/32`. */
  readonly pubsubTopic: string
  /** `/waku/1/0x9c22ff5f/rfc26`. */
  readonly contentTopic: string
}

/** What one query can ask for. */
export interface TopicGroup {
  readonly pubsubTopic: string
  readonly contentTopics: readonly string[]
}

/** Stores take no query with more. */
const mostContentTopics = 10

/** The least queries for these topics, always in the same order. */
export function groupTopics(topics: readonly ChatTopic[]): readonly TopicGroup[] {
  const byPubsubTopic = Map.groupBy(topics, ({ pubsubTopic }) => pubsubTopic)
  return [...byPubsubTopic.keys()].sort().flatMap((pubsubTopic) => {
    const all = [...new Set(byPubsubTopic.get(pubsubTopic)?.map(({ contentTopic }) => contentTopic))].sort()
    const count = Math.ceil(all.length / mostContentTopics)
    return Array.from({ length: count }, (_, index) => ({
      pubsubTopic,
      contentTopics: all.slice(index * mostContentTopics, (index + 1) * mostContentTopics),
    }))
  })
}

/** Tells one query from others. */
export function queryDigest(groups: readonly TopicGroup[], from: bigint | undefined, to: bigint | undefined): string {
  const text = JSON.stringify([groups, String(from), String(to)])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
