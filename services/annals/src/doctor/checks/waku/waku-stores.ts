import { wakuContentTopic, wakuPubsubTopic } from '@annals/crypto'
import { openWakuNode } from '@annals/waku'
import { defineCheck, problem, warning } from '../../check.ts'
import { answerKindOf, usesWaku } from './answer-kind.ts'

/** Of no community: the answer is empty. */
const contentTopic = wakuContentTopic('annals doctor')
const lookBackNanoseconds = 60_000_000_000n
const callMilliseconds = 8_000

/** Who keeps the messages of the last 30 days. */
export const wakuStores = defineCheck({
  name: 'waku-stores',
  looksAt: 'whether each store node in ANNALS_WAKU_STORES answers a query',
  seconds: 20,
  kinds: {
    unreachable: problem(
      'nobody answers at a store’s address',
      'start the node with its REST interface open to this machine, or correct ANNALS_WAKU_STORES',
    ),
    silent: problem(
      'a store gives no answer in 8 seconds',
      'see in the node’s log what it is busy with, or take another one',
    ),
    refused: problem(
      'a node answers and does not answer the query',
      'give the node a store (nwaku: --store, --rest) of the cluster and shard of ANNALS_WAKU_CLUSTER and ANNALS_WAKU_SHARD',
    ),
    limited: warning('a store has had too many requests', 'raise its limit (nwaku: --rate-limit), or name more stores'),
    strange: problem(
      'what answers is no Waku node',
      'correct ANNALS_WAKU_STORES: the address is that of another program',
    ),
  },
  isWanted: usesWaku,
  async look({ config, now }, report, signal) {
    const { wakuCluster: clusterId, wakuShard: shard } = config
    const toNanoseconds = BigInt(Math.floor(now())) * 1_000_000n
    const query = {
      pubsubTopic: wakuPubsubTopic({ clusterId, shard }),
      contentTopics: [contentTopic],
      fromNanoseconds: toNanoseconds - lookBackNanoseconds,
      toNanoseconds,
    }
    const answered: string[] = []
    await Promise.all(
      config.wakuStores.map(async (url) => {
        const node = openWakuNode({ url, timeoutMilliseconds: callMilliseconds })
        try {
          await node.storedHashes(query, signal)
          answered.push(node.name)
        } catch (error) {
          const { kind, found } = answerKindOf(error)
          report(kind, { about: node.name, found, expected: 'an answer' })
        }
      }),
    )
    return `${answered.toSorted().join(', ')} answer`
  },
})
