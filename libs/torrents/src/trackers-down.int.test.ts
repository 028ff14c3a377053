import { expect, test } from 'vitest'
import { openDownTrackers } from '../testing/down-trackers.ts'
import { makeHistory } from '../testing/make-history.ts'
import { fetchFrom, openTestNode, peerOf, readAll, storeAndSeed, testFolder } from '../testing/open-nodes.ts'

const history = makeHistory({ rawSizes: [50_000, 250_000], indexBytes: 50_000 })

test('trackers that are down keep nobody from seeding, nor from fetching from a peer that is known', async () => {
  await using folder = await testFolder()
  await using down = await openDownTrackers()
  const trackers = down.announceUrls
  await using seeder = await openTestNode(`${folder.path}/a`, { trackers })
  await using fetcher = await openTestNode(`${folder.path}/b`, { trackers })
  await storeAndSeed(seeder, history)
  expect(seeder.seeding()).toMatchObject([{ infoHash: history.torrent.infoHash }])
  await down.asked
  const magnetLink = history.magnetLink({ trackers, peers: [peerOf(seeder)] })
  await using fetch = await fetchFrom(fetcher, history, [], { magnetLink })
  await fetch.range(0, fetch.dataBytes)
  expect((await readAll(fetch)).equals(history.data)).toBe(true)
  // The seeder's question from before it all is still open: nothing waited for its end.
  expect(down.waiting()).toBeGreaterThan(0)
  await seeder.unseed(history.communityId, history.torrent.infoHash)
  expect(seeder.seeding()).toEqual([])
})
