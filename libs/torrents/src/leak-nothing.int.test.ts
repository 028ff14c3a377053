import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { makeHistory } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, peerOf, storeAndSeed, testFolder } from '../testing/open-nodes.ts'
import { startTracker } from './tracker/start-tracker.ts'

const history = makeHistory({ rawSizes: [150_000] })

async function openAndClose(path: string): Promise<void> {
  await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
  await using seeder = await openTestNode(`${path}/a`, { trackers: [tracker.announceUrl] })
  await using fetcher = await openTestNode(`${path}/b`, { trackers: [tracker.announceUrl] })
  await storeAndSeed(seeder, history)
  await using fetch = await fetchFrom(fetcher, history, [peerOf(seeder)])
  await fetch.index()
  await fetch.range(0, fetch.dataBytes)
}

/** Everything that would keep the process alive, pooled connections of `fetch` aside. */
const resources = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => /FSReq|Server|Timeout|FileHandle/.test(name))

test('nodes that are opened, used and closed leave nothing open', async () => {
  await using folder = await testFolder()
  await openAndClose(`${folder.path}/first`)
  const before = { files: (await readdir('/dev/fd')).length, resources: resources().length }
  for (let round = 0; round < 10; round += 1) await openAndClose(`${folder.path}/${round}`)
  const after = { files: (await readdir('/dev/fd')).length, resources: resources().length }
  expect(after.files).toBeLessThanOrEqual(before.files + 3)
  expect(after.resources).toBeLessThanOrEqual(before.resources + 1)
})

test('a hundred communities need no more open files than allowed', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path, { maxOpenFiles: 5 })
  const before = (await readdir('/dev/fd')).length
  for (let community = 0; community < 100; community += 1) {
    await storeAndSeed(node, makeHistory({ community, rawSizes: [1_000] }))
  }
  expect((await readdir('/dev/fd')).length).toBeLessThanOrEqual(before + 5)
  expect(node.seeding()).toHaveLength(100)
})
