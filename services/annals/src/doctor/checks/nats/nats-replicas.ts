import { settings } from '@annals/service'
import { defineCheck, NotCheckedError, problem, warning } from '../../check.ts'
import type { FoundStream } from '../../doctor-context.ts'

/** How many servers hold the streams. */
export const natsReplicas = defineCheck({
  name: 'nats-replicas',
  looksAt: 'how many servers hold each stream, and whether they are all there',
  seconds: 20,
  kinds: {
    other: warning(
      'a stream is held by another number of servers than ANNALS_STREAM_REPLICAS says',
      'change the stream (nats stream edit --replicas), or the setting: streams that are there are left as they are',
    ),
    alone: warning(
      'the server is one of a cluster, and ANNALS_STREAM_REPLICAS is 1',
      'set ANNALS_STREAM_REPLICAS=3 and change the streams (nats stream edit --replicas=3): events are on one server only',
    ),
    'no-cluster': problem(
      'ANNALS_STREAM_REPLICAS is more than 1, and the server is none of a cluster',
      'set ANNALS_STREAM_REPLICAS=1, or make a cluster of as many servers: streams cannot be made otherwise',
    ),
    lagging: warning(
      'a server that holds a stream is offline or behind',
      'bring that server back: one more that fails may stop the stream',
    ),
    'no-leader': problem(
      'a stream has no leader, or the servers that hold it are away',
      'bring back servers that hold it until more than half are there: nothing can be written or read meanwhile',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const { streamReplicas: wanted } = context.config
    const link = await context.jetStream()
    const isClustered = link.connection.info?.cluster !== undefined
    const setting = settings.streamReplicas.variable
    if (wanted > 1 && !isClustered)
      report('no-cluster', { about: setting, found: 'a server alone', expected: `a cluster of ${wanted} or more` })
    if (wanted === 1 && isClustered) report('alone', { about: setting, found: '1', expected: '3' })
    const streams = await context.streams()
    for (const { declaration, unavailable } of streams)
      if (unavailable !== undefined)
        report('no-leader', { about: declaration.name, found: unavailable, expected: 'a leader' })
    const there = streams.filter(({ info }) => info !== undefined)
    if (streams.every(({ info, unavailable }) => info === undefined && unavailable === undefined))
      throw new NotCheckedError('there is no stream')
    for (const stream of there) {
      const { about, replicas, leader, lagging } = describe(stream)
      if (replicas !== wanted) report('other', { about, found: String(replicas), expected: String(wanted) })
      if (leader === '') report('no-leader', { about, found: 'no leader', expected: 'a leader' })
      if (lagging.length > 0) report('lagging', { about, found: lagging.join(', '), expected: 'all current' })
    }
    return `${wanted} of each stream`
  },
})

function describe({ declaration, info }: FoundStream): {
  readonly about: string
  readonly replicas: number
  /** Empty where there is none; absent on a server alone. */
  readonly leader: string | undefined
  readonly lagging: readonly string[]
} {
  const { cluster, config } = info ?? {}
  const behind = cluster?.replicas?.filter(({ current, offline }) => !current || offline === true) ?? []
  return {
    about: declaration.name,
    replicas: Number(config?.['num_replicas'] ?? 1),
    leader: cluster === undefined ? undefined : (cluster.leader ?? ''),
    lagging: behind.map(({ name, offline }) => `${name} is ${offline === true ? 'offline' : 'behind'}`),
  }
}
