import { once } from 'node:events'
import { encodeTorrentFile, pieceLengthBytes } from '@annals/archive'
import { expect, test } from 'vitest'
import type { Torrent } from 'webtorrent'
import { openBrowserLike } from '../testing/open-browser-like.ts'
import { makeHistory } from '../testing/make-history.ts'
import { openTestNode, storeAndSeed, testFolder } from '../testing/open-nodes.ts'
import { startTracker } from './tracker/start-tracker.ts'

const history = makeHistory({ rawSizes: [50_000, 250_000], indexBytes: 50_000 })
const torrentFile = encodeTorrentFile({ infoBytes: history.torrent.infoBytes, trackers: [] })

async function contentOf(torrent: Torrent, file: string): Promise<Buffer> {
  const found = torrent.files.find(({ name }) => name === file)
  return Buffer.from((await found?.arrayBuffer()) ?? new ArrayBuffer())
}

test('a peer that speaks WebRTC alone fetches from a seeder by a tracker over WebSocket', async () => {
  await using folder = await testFolder()
  await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
  await using seeder = await openTestNode(`${folder.path}/a`, { trackers: [tracker.socketUrl], webRtc: {} })
  await storeAndSeed(seeder, history)
  await expect.poll(() => tracker.desk.peers.browsers).toBe(1)
  await using browser = await openBrowserLike()
  const torrent = browser.client.add(history.magnetLink({ trackers: [tracker.socketUrl] }), browser.options)
  await once(torrent, 'done')
  expect((await contentOf(torrent, 'data')).equals(history.data)).toBe(true)
  expect((await contentOf(torrent, 'index')).equals(history.index)).toBe(true)
  expect(torrent.wires.map(({ type }) => type)).toEqual(['webrtc'])
})
