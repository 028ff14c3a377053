import type { TrackerPeer } from '@annals/torrents/tracker'
import { openTestNode } from '@annals/service/testing'
import { trackerPeers } from '@annals/storage'
import { expect, it } from 'vitest'
import { SharedPeers } from './shared-peers.ts'

const infoHash = 'ab'.repeat(20)
const times = { flushMilliseconds: 10, keepMilliseconds: 0 }
const seeder = { ip: '192.0.2.1', port: 4001, complete: true }

it('tells others which peers came here, and when that changes, and nobody of its own', async () => {
  await using node = await openTestNode()
  using here = new SharedPeers(node.context, times)
  using there = new SharedPeers(node.context, times)
  let peers: TrackerPeer[] = [seeder]
  here.heard(infoHash, () => peers)
  await expect.poll(() => there.peers(infoHash)).toEqual([seeder])
  expect(await here.peers(infoHash)).toEqual([])
  peers = []
  here.heard(infoHash, () => peers)
  await expect.poll(() => there.peers(infoHash)).toEqual([])
})

it('takes nothing for true that was written long ago, and forgets it', async () => {
  await using node = await openTestNode()
  const rows = node.context.state.collection(trackerPeers)
  await rows.put(`${infoHash}/gone`, { peers: [seeder], writtenAt: Math.floor(Date.now() / 1000) - 2_000 }, 0)
  using here = new SharedPeers(node.context)
  expect(await here.peers(infoHash)).toEqual([])
  await expect.poll(() => rows.get(`${infoHash}/gone`)).toBeUndefined()
})

it('knows of no others while the state is away', async () => {
  await using node = await openTestNode()
  const away = {
    ...node.context.state,
    collection: () => {
      throw new Error('away')
    },
  }
  using here = new SharedPeers({ ...node.context, state: away })
  here.heard(infoHash, () => [seeder])
  expect(await here.peers(infoHash)).toEqual([])
})
