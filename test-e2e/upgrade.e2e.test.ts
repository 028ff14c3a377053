import { join } from 'node:path'
import { call } from '@annals/annals'
import { startOrSkip } from '@annals/local-servers/testing'
import { catalogues, communities, finishedRanges, schedules, seedings } from '@annals/storage'
import { describe, expect, it, vi } from 'vitest'
import { Chronicle, beginning, week } from './support/chronicle.ts'
import type { ClusterNode } from './support/cluster-node.ts'
import { ClusterWorld } from './support/cluster-world.ts'
import { InTurn } from './support/in-turn.ts'
import { calm, liveChronicle } from './support/live-chronicle.ts'
import { configurationOf, newerField, nextVersion } from './support/next-version.ts'
import { restartProcess } from './support/restart-process.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { unhandledEvents } from './support/unhandled-events.ts'
import { World } from './support/world.ts'

const firstWeeks = 3
const now = beginning + firstWeeks * week
const presentProgram = join(import.meta.dirname, '../services/annals/src/main.ts')

describe('a newer version, whose events and documents have more, and which has an event more', () => {
  it('works beside this one on one log and one state, and gives way to it: nothing is lost', async (test) => {
    await using next = await nextVersion()
    const settings = { ANNALS_TAKE_OVER_SECONDS: '900' }
    await using world = await startOrSkip(test, () =>
      ClusterWorld.create(now, undefined, settings, configurationOf(next)),
    )
    await using control = world.control(2, { program: next.program })
    await using member = world.member(1, next.program)
    const nodes = [control, member] as const
    const chronicle = new Chronicle(10, 20, firstWeeks)
    const endings: (string | undefined)[] = []
    /** Of every service of the control node the one process, or the other, is of this version from then on. */
    const stepBack = async (index: 0 | 1): Promise<void> => {
      const processes = nodes
        .flatMap(({ cluster }) => cluster.processes)
        .filter(({ name }) => name.endsWith(`-${index}`))
      endings.push(...(await Promise.all(processes.map((each) => restartProcess(each, presentProgram)))))
    }
    const rounds = [
      {},
      { during: () => stepBack(1) },
      {
        async before() {
          // What this version does not take in was left to the newer one, whose state has what its own event said last,
          // though this version wrote it as well.
          expect(await unhandledEvents(world, nodes)).toStrictEqual([])
          await vi.waitFor(async () => expect(await notedUntil(world, control)).toBe(chronicle.endOf(1)), {
            timeout: 60_000,
            interval: 250,
          })
        },
        during: () => stepBack(0),
      },
      {},
    ]
    const outcome = await liveChronicle(world, chronicle, nodes, new InTurn(rounds))
    expect(endings).toStrictEqual(endings.map(() => '0'))
    expect(endings).toHaveLength(16)
    expect(await notedUntil(world, control)).toBeUndefined()
    expect(await withoutNewerField(world, nodes)).toStrictEqual([])
    expect(await unhandledEvents(world, nodes)).toStrictEqual([])

    await using calmWorld = await World.create(now, world.world)
    await using calmControl = new RestartableNode(calmWorld, 'control')
    await using calmMember = new RestartableNode(calmWorld, 'member')
    expect(outcome).toStrictEqual(
      await liveChronicle(calmWorld, chronicle, [calmControl, calmMember], calm(rounds.length)),
    )
  }, 600_000)
})

/** Documents that this version has changed, and from which it took what it did not know. */
async function withoutNewerField(world: ClusterWorld, nodes: readonly ClusterNode[]): Promise<string[]> {
  const lost: string[] = []
  let found = 0
  for (const node of nodes) {
    await using state = await world.openState(node)
    for (const definition of [catalogues, schedules, seedings, finishedRanges])
      for await (const { id, value } of state.collection<object>(definition).list()) {
        found += 1
        if (!Object.hasOwn(value, newerField)) lost.push(`${node.name}: ${definition.name}/${id}`)
      }
  }
  expect(found).toBeGreaterThan(0)
  return lost
}

/** What only the newer version makes of the log, in the community's row as it is after somebody asked for it. */
async function notedUntil(world: ClusterWorld, node: ClusterNode): Promise<unknown> {
  await using state = await world.openState(node)
  const rows = await Array.fromAsync(state.collection<object>(communities).list())
  const [communityId = ''] = rows.map(({ id }) => id)
  await node.run(({ client }) => call(client, client.api.getStatus, { communityId }))
  const row = await state.collection<object>(communities).get(communityId)
  return row && Reflect.get(row.value, 'notedUntil')
}
