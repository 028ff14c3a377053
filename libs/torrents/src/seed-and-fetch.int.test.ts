import { expect, test } from 'vitest'
import { makeHistory } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, peerOf, readAll, storeAndSeed, testFolder } from '../testing/open-nodes.ts'

test('what one node seeds another fetches byte for byte', async () => {
  await using folder = await testFolder()
  await using seeder = await openTestNode(`${folder.path}/a`)
  await using fetcher = await openTestNode(`${folder.path}/b`)
  const history = makeHistory({ rawSizes: [50_000, 250_000, 102_400], indexBytes: 150_000 })
  await storeAndSeed(seeder, history)
  await using fetch = await fetchFrom(fetcher, history, [peerOf(seeder)])
  expect(Buffer.from(await fetch.index()).equals(history.index)).toBe(true)
  await fetch.range(0, fetch.dataBytes)
  expect((await readAll(fetch)).equals(history.data)).toBe(true)
  expect(fetch.downloadedBytes()).toBe(history.data.length + history.index.length)
  expect(await fetcher.holds(history.communityId, history.torrent.infoHash)).toBe(true)
})
