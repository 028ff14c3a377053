import { call } from '@annals/annals'
import { startOrSkip } from '@annals/local-servers/testing'
import { describe, expect, it, vi } from 'vitest'
import { ClusterWorld } from './support/cluster-world.ts'
import { liveHistory, readHistory } from './support/live-history.ts'
import { realData } from './support/real-data.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { World } from './support/world.ts'

describe('one process a service, two of each, on real servers', () => {
  it('makes of a real history, byte for byte, what the embedded set makes of it', async (test) => {
    const history = await readHistory(realData(test, 'duraspace-2011q4.ndjson'))
    await using embedded = await World.create(history.sealAt)
    await using control = new RestartableNode(embedded, 'control')
    await using member = new RestartableNode(embedded, 'member')
    const expected = await liveHistory(embedded, history, [control, member])

    await using world = await startOrSkip(test, () => ClusterWorld.create(history.sealAt, embedded))
    const nodes = world.nodes(2)
    await using _control = nodes[0]
    await using _member = nodes[1]
    expect(await liveHistory(world, history, nodes)).toStrictEqual(expected)
    expect(expected).toMatchObject({ differences: [], messages: { control: 2415, member: 2415 } })

    // A gateway serves no torrents itself, and says what the seeders sent.
    const { communities } = await nodes[0].run(({ client }) => call(client, client.api.getStatus, { communityId: '' }))
    const communityId = communities[0]?.community?.communityId ?? ''
    await vi.waitFor(
      async () => {
        const status = await nodes[0].run(({ client }) => call(client, client.api.getStatus, { communityId }))
        const sent = status.communities[0]?.seeders.map(({ uploadedBytes }) => uploadedBytes) ?? []
        expect(sent).toHaveLength(2)
        expect(status.communities[0]?.uploadedBytes).toBe(sent.reduce((sum, bytes) => sum + bytes, 0))
        expect(status.communities[0]?.uploadedBytes).toBeGreaterThan(0)
      },
      { timeout: 120_000, interval: 250 },
    )
  }, 600_000)
})
