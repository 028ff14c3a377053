import { SegmentAssembler, SymmetricKeys, wakuPubsubTopic } from '@annals/crypto'
import { openWakuFeed, openWakuNode } from '@annals/waku'
import type { WakuFeed, WakuNode } from '@annals/waku'
import type { Logger } from 'pino'
import type { AnnalsConfig } from '../config.ts'

/** The Waku nodes that a process works with, and what all its parts that do share. */
export interface WakuNetwork {
  /** Drained by this process alone: what one drains no other sees. */
  readonly relays: readonly WakuNode[]
  /** At least one. */
  readonly stores: readonly WakuNode[]
  readonly feed: WakuFeed
  /** `/waku/2/rs/16/32`: where communities are. */
  readonly pubsubTopic: string
  /** The chats' symmetric keys. */
  readonly keys: SymmetricKeys
  /** What came in segments and is not whole yet. */
  readonly segments: SegmentAssembler
}

/** Answers of a node take no longer, nor than a history sync waits for one store. */
const longestCallMilliseconds = 10_000

/** The network that the settings name, closed with the stack; `undefined` where they name none. Nothing is asked yet. */
export function openWakuNetwork(
  config: AnnalsConfig,
  log: Logger,
  stack: AsyncDisposableStack,
): WakuNetwork | undefined {
  const { wakuRelays, wakuStores, wakuStoreSeconds, wakuCatchUpSeconds, wakuCluster, wakuShard } = config
  if (wakuStores.length === 0) return undefined
  const timeoutMilliseconds = Math.min(longestCallMilliseconds, wakuStoreSeconds * 1000)
  // One client a node, whatever it is asked for: its limit of requests a second is the node's.
  const clients = new Map<string, WakuNode>()
  const open = (url: string): WakuNode => {
    const client = clients.get(url) ?? openWakuNode({ url, timeoutMilliseconds })
    clients.set(url, client)
    return client
  }
  const relays = wakuRelays.map(open)
  const stores = wakuStores.map(open)
  const feed = stack.use(
    openWakuFeed({
      relays,
      stores,
      catchUpMilliseconds: wakuCatchUpSeconds * 1000,
      log: log.child({ engine: 'waku' }),
    }),
  )
  const pubsubTopic = wakuPubsubTopic({ clusterId: wakuCluster, shard: wakuShard })
  return { relays, stores, feed, pubsubTopic, keys: new SymmetricKeys(), segments: new SegmentAssembler() }
}
