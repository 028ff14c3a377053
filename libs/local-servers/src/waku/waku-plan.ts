import { join } from 'node:path'

/** How one Waku node is to run. */
export interface WakuPlan {
  /** secp256k1, 64 hex digits; the peer id follows from it. */
  readonly nodeKey: string
  readonly clusterId: number
  readonly shards: readonly number[]
  /** Where it listens for other nodes. */
  readonly peerPort: number
  /** What it tells other nodes to dial. */
  readonly advertise: string
  /** Multiaddrs of the nodes that it dials, and dials again. */
  readonly peers: readonly string[]
  readonly hasStore: boolean
  /** Peers without which it takes no message; with 0 it takes one that nobody hears. */
  readonly leastPeers: number
}

const largestMessageBytes = 150 * 1024

/** Arguments of the program in this package's `waku-node`. */
export function wakuNodeArguments(plan: WakuPlan, folder: string, restPort: number): string[] {
  return [
    `-address=127.0.0.1`,
    `-rest-port=${restPort}`,
    `-tcp-port=${plan.peerPort}`,
    `-nodekey=${plan.nodeKey}`,
    `-cluster-id=${plan.clusterId}`,
    `-max-msg-size=${largestMessageBytes}`,
    `-min-relay-peers=${plan.leastPeers}`,
    `-advertise=${plan.advertise}`,
    ...plan.shards.map((shard) => `-pubsub-topic=/waku/2/rs/${plan.clusterId}/${shard}`),
    ...plan.peers.map((peer) => `-staticnode=${peer}`),
    ...(plan.hasStore ? [`-store-db=${join(folder, 'store.db')}`] : []),
  ]
}

/** Arguments of nwaku's `wakunode2`. It finds no other nodes than those it is told of. */
export function nwakuArguments(plan: WakuPlan, folder: string, restPort: number): string[] {
  return [
    '--listen-address=127.0.0.1',
    '--nat=none',
    '--rest=true',
    '--rest-address=127.0.0.1',
    `--rest-port=${restPort}`,
    '--rest-admin=true',
    `--tcp-port=${plan.peerPort}`,
    `--nodekey=${plan.nodeKey}`,
    `--cluster-id=${plan.clusterId}`,
    `--max-msg-size=${largestMessageBytes / 1024}KiB`,
    `--ext-multiaddr=${plan.advertise}`,
    '--ext-multiaddr-only=true',
    '--relay=true',
    '--lightpush=true',
    '--filter=true',
    '--discv5-discovery=false',
    '--dns-discovery=false',
    '--log-level=INFO',
    ...plan.shards.map((shard) => `--shard=${shard}`),
    ...plan.peers.map((peer) => `--staticnode=${peer}`),
    ...(plan.hasStore ? ['--store=true', `--store-message-db-url=sqlite://${join(folder, 'store.sqlite3')}`] : []),
  ]
}
