import { readFile } from 'node:fs/promises'
import { call } from '@annals/annals'
import { startOrSkip } from '@annals/local-servers/testing'
import { expect, it } from 'vitest'
import { Chronicle, addControlled, beginning, sealRound, week } from './support/chronicle.ts'
import { ClusterWorld } from './support/cluster-world.ts'
import { restartProcess } from './support/restart-process.ts'
import { SeedingWatch } from './support/seeding-watch.ts'

const firstWeeks = 3
const now = beginning + firstWeeks * week
const keys = [7, 8, 9].map((byte) => Buffer.alloc(32, byte))

it('a seeder that is the only one gives pieces until it has drained, and says that it is ready when it gives all again', async (test) => {
  await using world = await startOrSkip(test, () => ClusterWorld.create(now))
  await using control = world.control(1)
  const chronicle = new Chronicle(6, 20, firstWeeks)
  const communities: string[] = []
  for (const key of keys) communities.push(await addControlled(control, { key }))
  for (const communityId of communities) await sealRound(world, control, communityId, chronicle, 0)
  const [communityId = ''] = communities
  const [seeder] = control.cluster.of('seeder')
  if (seeder === undefined) throw new TypeError('there is a seeder')
  await using watch = await SeedingWatch.begin(world, control)
  await watch.untilAnswered()

  for (const round of [1, 2]) {
    const before = await watch.torrents()
    expect(before.size).toBe(communities.length)
    const toldAt = Date.now()
    const restarted = restartProcess(seeder).then(() => watch.missingAt(seeder, before))
    await sealRound(world, control, communityId, chronicle, round)
    expect(await restarted).toEqual([])
    await watch.untilAnswered()
    const drainedAt = await lastMoment(seeder.logFile, 'drained; serving ends')
    expect(drainedAt).toBeGreaterThan(toldAt)
    expect(watch.unanswered.filter(({ from, to }) => from >= toldAt && to <= drainedAt)).toEqual([])
    const drained = `drained within ${drainedAt - toldAt} ms`
    process.stdout.write(`${drained}; the longest gap of a torrent so far: ${watch.longestGapMilliseconds} ms\n`)
  }
  expect(watch.questions).toBeGreaterThan(0)
})

it('strangers get what was announced, and where its seeder is gone, log and health say so', async (test) => {
  const settings = { ANNALS_FETCH_PROBE_SECONDS: '1', ANNALS_FETCH_STALL_SECONDS: '1' }
  await using world = await startOrSkip(test, () => ClusterWorld.create(now, undefined, settings))
  await using control = world.control(1, { counts: { prober: 1 } })
  const communityId = await addControlled(control)
  const infoHash = await sealRound(world, control, communityId, new Chronicle(2, 20, firstWeeks), 0)
  const said = (name: 'ArchivesReachable' | 'ArchivesUnreachable', after = 0): Promise<{ infoHash: string }> =>
    control.run((node) => node.event(name, after, (event) => event.infoHash === infoHash))
  await said('ArchivesReachable')
  const way = await control.run(({ client }) => call(client, client.api.getArchiveWay, { communityId }))
  expect(way.steps.at(-1)).toMatchObject({ eventName: 'ArchivesReachable', sequence: expect.any(Number) as number })
  const reasons = async (): Promise<string[]> => {
    const { health } = await control.run(({ client }) => call(client, client.api.getHealth, { communityId }))
    return health?.needs.map(({ reason }) => reason) ?? []
  }
  expect(await reasons()).not.toContain('archive-unreachable')

  const [seeder] = control.cluster.of('seeder')
  await seeder?.stop()
  await said('ArchivesUnreachable')
  await expect.poll(reasons, { timeout: 20_000 }).toContain('archive-unreachable')
})

/** When a process said something last, Unix milliseconds. */
async function lastMoment(logFile: string, said: string): Promise<number> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n')
  const last = lines
    .map((line) => JSON.parse(line) as { msg: string; time: number })
    .findLast(({ msg }) => msg === said)
  return last?.time ?? 0
}
