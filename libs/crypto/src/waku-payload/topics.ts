import { bytesToHex } from '@noble/hashes/utils.js'
import { contentTopic } from '../community-id.ts'
import { InvalidShardError } from './errors.ts'

const maxShard = 65_535

/** The content topic of a chat as Waku writes it: `/waku/1/0x<8 hex digits>/rfc26` (formats §1). */
export function wakuContentTopic(chatId: string): string {
  return `/waku/1/0x${bytesToHex(contentTopic(chatId))}/rfc26`
}

/** The pubsub topic of a shard; communities are on cluster 16, shard 32 by default (formats §1). @throws InvalidShardError */
export function wakuPubsubTopic({ clusterId, shard }: { readonly clusterId: number; readonly shard: number }): string {
  for (const number of [clusterId, shard])
    if (!Number.isInteger(number) || number < 0 || number > maxShard) throw new InvalidShardError(clusterId, shard)
  return `/waku/2/rs/${clusterId}/${shard}`
}
