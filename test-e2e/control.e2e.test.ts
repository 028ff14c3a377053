import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  Chronicle,
  addControlled,
  addMember,
  archivesOf,
  beginning,
  sealRound,
  untilAnnounced,
  waitUntilServed,
  week,
} from './support/chronicle.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { runAnnals } from './support/run-annals.ts'
import { World } from './support/world.ts'

const firstWeeks = 2
const now = beginning + firstWeeks * week
const chronicle = new Chronicle(6, 20, firstWeeks)
const rounds = 3
const timeout = 300_000

/** What each round is announced under where nothing happens: the tests come to the very same, with this world's tracker. */
let expected: Promise<string[]>
let calm: World
beforeAll(async () => {
  calm = await World.create(now)
  expected = liveCalmly(calm)
})
afterAll(async () => {
  await expected
  await calm[Symbol.asyncDispose]()
})

async function liveCalmly(world: World): Promise<string[]> {
  await using control = new RestartableNode(world, 'control')
  const communityId = await addControlled(control)
  const infoHashes: string[] = []
  for (let round = 0; round < rounds; round += 1)
    infoHashes.push(await sealRound(world, control, communityId, chronicle, round))
  return infoHashes
}

const dataOf = (world: World, name: string): string => join(world.folder, name, 'data')

describe('control of a community', () => {
  it(
    'comes back to a restored node when it has fetched from its members what it sealed since the backup',
    async () => {
      await using world = await World.create(now, calm)
      await using member = new RestartableNode(world, 'member')
      const control = new RestartableNode(world, 'control')
      const data = dataOf(world, 'control')
      const backup = join(world.folder, 'backup')
      const communityId = await addControlled(control)
      await addMember(member, communityId)
      const infoHashes = [await sealRound(world, control, communityId, chronicle, 0)]
      await runAnnals(['backup', backup, '--data', data], world.environment)
      const announced = await sealRound(world, control, communityId, chronicle, 1)
      infoHashes.push(announced)
      await waitUntilServed(member, announced)

      await control.run(async (node) => node.process.kill())
      const masterKey = join(world.folder, 'master.key')
      await copyFile(join(data, 'master.key'), masterKey)
      await rm(data, { recursive: true })
      await mkdir(data)
      await copyFile(masterKey, join(data, 'master.key'))
      await runAnnals(['restore', backup, '--data', data], world.environment)
      await using restored = new RestartableNode(world, 'control')
      await waitUntilServed(restored, announced)
      await runAnnals(['community', 'take', '--all', '--restored', '--data', data])
      infoHashes.push(await sealRound(world, restored, communityId, chronicle, 2))
      await waitUntilServed(member, infoHashes.at(-1) ?? '')
      expect(infoHashes).toEqual(await expected)
      await restored.run(async (node) => node.process.stop())
      expect(await runAnnals(['replay', '--data', data], world.environment)).toMatchObject({ differences: [] })
    },
    timeout,
  )

  it(
    'moves to another host, which goes on with the same bytes, while both and the commands die on the way',
    async () => {
      await using world = await World.create(now, calm)
      await using member = new RestartableNode(world, 'member')
      await using old = new RestartableNode(world, 'old')
      await using host = new RestartableNode(world, 'new')
      const [from, to] = [dataOf(world, 'old'), dataOf(world, 'new')]
      const communityId = await addControlled(old)
      await addMember(member, communityId)
      const infoHashes: string[] = []
      for (const round of [0, 1]) infoHashes.push(await sealRound(world, old, communityId, chronicle, round))
      await waitUntilServed(member, infoHashes[1] ?? '')
      const records = chronicle.recordsOf(2)
      const half = Math.floor(records.length / 2)
      await old.run((node) => node.import(communityId, records.slice(0, half), () => undefined))

      const passphrase = join(world.folder, 'passphrase')
      await writeFile(passphrase, 'correct horse battery staple')
      const file = join(world.folder, 'move.json')
      const secret = ['--passphrase-file', passphrase]
      const out = ['community', 'move', 'out', communityId, ...secret, '--data', from]
      await runAnnals([...out, '--to', join(world.folder, 'lost.json')])
      await old.kill()
      await runAnnals(['community', 'take', communityId, '--data', from])
      expect(await runAnnals([...out, '--to', file])).toMatchObject({ messages: half })
      const moveIn = ['community', 'move', 'in', file, ...secret, '--data', to]
      const [, first] = await Promise.allSettled([host.run((node) => node.event('DownloadStarted')), runAnnals(moveIn)])
      await host.kill()
      await runAnnals(moveIn)
      expect(first.status).toBe('fulfilled')
      expect(await runAnnals(moveIn)).toMatchObject({ alreadyHere: true })

      await host.run((node) => node.import(communityId, records.slice(half), () => undefined))
      await world.clock.forward(week)
      infoHashes.push(await untilAnnounced(host, communityId, chronicle.endOf(2)))
      expect(infoHashes).toEqual(await expected)
      for (const node of [member, old]) await waitUntilServed(node, infoHashes[2] ?? '')
      await runAnnals(['community', 'move', 'finish', communityId, '--data', from])
      await old.run((node) => node.event('Unseeded', 0, ({ infoHash }) => infoHash === infoHashes[2]))
      expect((await archivesOf(member, communityId)).archives).toHaveLength(firstWeeks + 2)
      for (const [node, data] of [
        [old, from],
        [host, to],
      ] as const) {
        await node.run(async ({ process }) => process.stop())
        expect(await runAnnals(['replay', '--data', data], world.environment)).toMatchObject({ differences: [] })
      }
    },
    timeout,
  )
})
