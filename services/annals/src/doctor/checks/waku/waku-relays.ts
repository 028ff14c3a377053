import { openWakuNode } from '@annals/waku'
import { defineCheck, problem, warning } from '../../check.ts'
import { answerKindOf, usesWaku } from './answer-kind.ts'

const callMilliseconds = 8_000

/** Who brings messages when they come, and passes announcements on. */
export const wakuRelays = defineCheck({
  name: 'waku-relays',
  looksAt: 'whether each relay node in ANNALS_WAKU_RELAYS answers, and says that it is ready',
  seconds: 20,
  kinds: {
    none: problem(
      'announcements are to travel over Waku, and no relay is named',
      'name a node in ANNALS_WAKU_RELAYS: nothing can be announced without one',
    ),
    unreachable: problem(
      'nobody answers at a relay’s address',
      'start the node with its REST interface open to this machine, or correct ANNALS_WAKU_RELAYS',
    ),
    silent: problem(
      'a relay gives no answer in 8 seconds',
      'see in the node’s log what it is busy with, or take another one',
    ),
    refused: problem(
      'a node answers and does not tell its health',
      'see what it says: nwaku tells it at /health where --rest is given; a proxy before it may ask for a name and password',
    ),
    limited: warning('a relay has had too many requests', 'raise its limit (nwaku: --rate-limit), or name more relays'),
    strange: problem(
      'what answers is no Waku node',
      'correct ANNALS_WAKU_RELAYS: the address is that of another program',
    ),
    'not-ready': warning(
      'a relay says that it is not ready',
      'see its log: it may still start, or have no peers on this cluster and shard',
    ),
  },
  isWanted: usesWaku,
  async look({ config }, report, signal) {
    if (config.wakuRelays.length === 0) {
      if (config.channel === 'waku') report('none', { found: 'none', expected: '1 or more' })
      return 'none is named: what comes is had from the stores'
    }
    const ready: string[] = []
    await Promise.all(
      config.wakuRelays.map(async (url) => {
        const node = openWakuNode({ url, timeoutMilliseconds: callMilliseconds })
        try {
          const { isReady, detail } = await node.health(signal)
          if (isReady) ready.push(node.name)
          else report('not-ready', { about: node.name, found: detail, expected: 'ready' })
        } catch (error) {
          const { kind, found } = answerKindOf(error)
          report(kind, { about: node.name, found, expected: 'an answer' })
        }
      }),
    )
    return `${ready.toSorted().join(', ')} answer`
  },
})
