import { expect, it } from 'vitest'
import { startTracker } from '../tracker/start-tracker.ts'
import { AnnounceGroup } from './announce-group.ts'
import { RtcPeers } from './rtc-peers.ts'

const torrent = { infoHash: 'ab'.repeat(20), isComplete: () => true, takePeer: () => false }
const log = { debug: () => {}, warn: () => {} }

it('announces to every address behind the name of a tracker without TLS', async () => {
  await using first = await startTracker({ host: '127.0.0.1', port: 0 })
  const { port } = new URL(first.socketUrl)
  await using second = await startTracker({ host: '127.0.0.2', port: Number(port) })
  await using peers = new RtcPeers({ host: '127.0.0.1', iceServers: [], maxPeers: 1 })
  const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
  const lookUp = async (): Promise<typeof addresses> => addresses
  const group = new AnnounceGroup(`ws://gateway-each:${port}/announce`, { peers, log, lookUp })
  group.add(torrent)
  await expect.poll(() => [first, second].map(({ desk }) => desk.peers.browsers)).toEqual([1, 1])
  group.remove(torrent.infoHash)
  await expect.poll(() => [first, second].map(({ desk }) => desk.peers.browsers)).toEqual([0, 0])
  group.close()
  await expect.poll(() => [first, second].map(({ desk }) => desk.sockets)).toEqual([0, 0])
})
