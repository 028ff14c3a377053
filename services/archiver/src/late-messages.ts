import type { Partition, PartitionedRange, WakuMessage } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import { partitionOf } from '@annals/archive'
import { toHex } from '@annals/crypto'

/**
 * Where the messages lie that came late, with a time before the range: of each partition of its grid the span from the
 * first of them to the last. A supplement is an archive of just that span which holds every message of it, those that
 * other archives hold as well: a reader that lets an archive replace its range, as RFC 61 has it, then loses nothing.
 */
export async function findLateSpans(
  { messages }: Pick<ServiceContext, 'messages'>,
  communityId: string,
  range: PartitionedRange,
  topics: readonly Uint8Array[],
): Promise<readonly PartitionedRange[]> {
  const spans = new Map<number, Partition>()
  for await (const batch of messages.pending(communityId, { before: range.from, topics })) {
    for (const { timestamp } of batch) {
      const partition = partitionOf(range, timestamp)
      const { from, to } = spans.get(partition.from) ?? { from: timestamp, to: timestamp + 1 }
      spans.set(partition.from, { from: Math.min(from, timestamp), to: Math.max(to, timestamp + 1) })
    }
  }
  return [...spans.values()].map(({ from, to }) => ({ from, to, intervalSeconds: to - from }))
}

/** Every message of a span with one of the topics, or with one that archives have had: a chat may have been removed. */
export async function* messagesOfSpan(
  { messages }: Pick<ServiceContext, 'messages'>,
  communityId: string,
  span: Partition,
  topics: readonly Uint8Array[],
  { archives }: Pick<Catalogue, 'archives'>,
): AsyncGenerator<WakuMessage[]> {
  const wanted = new Set([...topics.map(toHex), ...archives.flatMap(({ contentTopics }) => contentTopics)])
  for await (const batch of messages.range(communityId, { from: span.from, to: span.to }))
    yield batch.filter(({ topic }) => wanted.has(toHex(topic)))
}

/** Pending messages of a range. */
export async function* pendingOfRange(
  { messages }: Pick<ServiceContext, 'messages'>,
  communityId: string,
  { from, to }: Partition,
  topics: readonly Uint8Array[],
): AsyncGenerator<WakuMessage[]> {
  for await (const batch of messages.pending(communityId, { before: to, topics }))
    yield batch.filter(({ timestamp }) => timestamp >= from)
}
