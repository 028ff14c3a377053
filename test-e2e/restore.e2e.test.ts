import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  Chronicle,
  addControlled,
  addMember,
  archivesOf,
  beginning,
  sealRound,
  waitUntilServed,
  week,
} from './support/chronicle.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { runAnnals } from './support/run-annals.ts'
import { World } from './support/world.ts'

const firstWeeks = 3
const now = beginning + firstWeeks * week

describe('a node that is restored', () => {
  it('fetches from its members what it sealed since the backup, and goes on as if nothing had been lost', async () => {
    await using world = await World.create(now)
    await using member = new RestartableNode(world, 'member')
    const control = new RestartableNode(world, 'control')
    const chronicle = new Chronicle(8, 20, firstWeeks)
    const data = join(world.folder, 'control', 'data')
    const backup = join(world.folder, 'backup')
    const communityId = await addControlled(control)
    await addMember(member, communityId)
    const infoHashes = [await sealRound(world, control, communityId, chronicle, 0)]
    await runAnnals(['backup', backup, '--data', data], world.environment)
    for (const round of [1, 2]) infoHashes.push(await sealRound(world, control, communityId, chronicle, round))
    await waitUntilServed(member, infoHashes[2] ?? '')
    const before = await archivesOf(control, communityId)

    await copyFile(join(data, 'master.key'), join(world.folder, 'master.key'))
    await control.run(async (node) => node.process.kill())
    await rm(join(world.folder, 'control'), { recursive: true })
    await mkdir(data, { recursive: true })
    await copyFile(join(world.folder, 'master.key'), join(data, 'master.key'))
    await runAnnals(['restore', backup, '--data', data], world.environment)
    await using restored = new RestartableNode(world, 'control')
    await waitUntilServed(restored, infoHashes[2] ?? '')
    await runAnnals(['community', 'take', '--all', '--restored', '--data', data])
    const after = await archivesOf(restored, communityId)
    expect(after.archives.map(({ archiveId }) => archiveId)).toEqual(before.archives.map(({ archiveId }) => archiveId))
    infoHashes.push(await sealRound(world, restored, communityId, chronicle, 3))
    await waitUntilServed(member, infoHashes[3] ?? '')

    await using calm = await World.create(now, world)
    await using undisturbed = new RestartableNode(calm, 'control')
    await addControlled(undisturbed)
    const expected: string[] = []
    for (const round of [0, 1, 2, 3]) expected.push(await sealRound(calm, undisturbed, communityId, chronicle, round))
    expect(infoHashes).toEqual(expected)
    await restored.run(async (node) => node.process.stop())
    expect(await runAnnals(['replay', '--data', data], world.environment)).toMatchObject({ differences: [] })
  }, 180_000)
})
