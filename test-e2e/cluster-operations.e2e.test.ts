import { join } from 'node:path'
import { call } from '@annals/annals'
import { startOrSkip } from '@annals/local-servers/testing'
import { describe, expect, it, vi } from 'vitest'
import { Chronicle, addControlled, beginning, sealRound, week } from './support/chronicle.ts'
import { ClusterWorld } from './support/cluster-world.ts'
import { calm, liveChronicle } from './support/live-chronicle.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { RollingRestart } from './support/rolling-restart.ts'
import { SeedingWatch } from './support/seeding-watch.ts'
import { mountSmallDisk } from './support/small-disk.ts'
import { unhandledEvents } from './support/unhandled-events.ts'
import { World } from './support/world.ts'

const firstWeeks = 3
const now = beginning + firstWeeks * week
const timeout = 600_000

describe('a cluster that is operated', () => {
  it(
    'is restarted process by process: each ends in order and hands back what it holds, work and seeding go on',
    async (test) => {
      // What a process does not hand back would be missed for so long that the test would end.
      const settings = { ANNALS_TAKE_OVER_SECONDS: '900' }
      await using world = await startOrSkip(test, () => ClusterWorld.create(now, undefined, settings))
      const nodes = world.nodes(2)
      await using _control = nodes[0]
      await using _member = nodes[1]
      const chronicle = new Chronicle(30, 20, firstWeeks)
      // They rest; what is seeded of the chronicle's own changes meanwhile.
      for (const key of [Buffer.alloc(32, 8), Buffer.alloc(32, 9)])
        await sealRound(world, nodes[0], await addControlled(nodes[0], { key }), chronicle, 0)
      await using watch = await SeedingWatch.begin(world, nodes[0])
      const seeders = nodes[0].cluster.of('seeder')
      const missing: string[] = []
      let before = await watch.torrents()
      const restart = new RollingRestart(nodes, {
        onRestarted: async (process) => {
          if (seeders.includes(process)) missing.push(...(await watch.missingAt(process, before)))
          before = await watch.torrents()
        },
      })
      const outcome = await liveChronicle(world, chronicle, nodes, restart)
      await watch.untilAnswered()
      // Somebody gave a piece of every torrent at any time, and each seeder of all when it said that it was at work again.
      expect(missing).toStrictEqual([])
      expect(watch.unanswered).toStrictEqual([])
      expect(before.size).toBe(3)
      expect(Object.values(restart.endings).filter((ending) => ending !== '0')).toStrictEqual([])
      expect(Object.keys(restart.endings)).toHaveLength(20)
      expect(await unhandledEvents(world, nodes)).toStrictEqual([])

      await using calmWorld = await World.create(now, world.world)
      await using control = new RestartableNode(calmWorld, 'control')
      await using member = new RestartableNode(calmWorld, 'member')
      const rounds = outcome.infoHashes.length
      expect(outcome).toStrictEqual(await liveChronicle(calmWorld, chronicle, [control, member], calm(rounds)))
    },
    timeout,
  )

  it(
    'seeds and announces though the disk of one seeder is full, and that one comes after when there is room',
    async (test) => {
      await using world = await startOrSkip(test, () => ClusterWorld.create(now))
      await using disk = await mountSmallDisk(test, join(world.world.folder, 'control', 'seeder-0', 'data'), 256)
      await using control = world.control(2)
      const communityId = await addControlled(control)
      const chronicle = new Chronicle(6, 20, firstWeeks)
      const seeders = (): Promise<string[]> =>
        control.run(async ({ client }) => {
          const { communities } = await call(client, client.api.getStatus, { communityId })
          return (communities[0]?.seeders ?? []).map(({ instance, infoHash }) => `${instance} ${infoHash}`).toSorted()
        })
      for (const round of [0, 1]) {
        const infoHash = await sealRound(world, control, communityId, chronicle, round)
        expect(await seeders()).toStrictEqual([`seeder-1 ${infoHash}`])
      }
      await disk.resize(65_536)
      const infoHash = await sealRound(world, control, communityId, chronicle, 2)
      const both = [`seeder-0 ${infoHash}`, `seeder-1 ${infoHash}`]
      await vi.waitFor(async () => expect(await seeders()).toStrictEqual(both), { timeout: 120_000, interval: 250 })
    },
    timeout,
  )
})
