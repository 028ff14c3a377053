import { once } from 'node:events'
import { expect, it } from 'vitest'
import { PeerConnection } from 'node-datachannel'
import { checkOffer } from './check-offer.ts'
import { RtcPeers } from './rtc-peers.ts'

const here = { host: '127.0.0.1', iceServers: [] }
const peerId = 'ab'.repeat(20)

interface Offering extends Disposable {
  readonly connection: PeerConnection
  readonly sdp: string
}

/** A browser's end: an offer with all its addresses. */
async function makeOffer(channels = 1): Promise<Offering> {
  const connection = new PeerConnection('browser', { iceServers: [], bindAddress: '127.0.0.1' })
  const gathered = Promise.withResolvers<void>()
  connection.onGatheringStateChange((state) => state === 'complete' && gathered.resolve())
  for (let at = 0; at < channels; at += 1) connection.createDataChannel(`channel ${at}`)
  await gathered.promise
  return { connection, sdp: connection.localDescription()?.sdp ?? '', [Symbol.dispose]: () => connection.close() }
}

it('answers so many at once, however many ask', async () => {
  await using peers = new RtcPeers({ ...here, maxPeers: 3 })
  using offer = await makeOffer()
  for (let at = 0; at < 20; at += 1) await peers.answer({ peerId, sdp: offer.sdp }, () => undefined)
  expect(peers.size).toBe(3)
})

it('looks up no name for a stranger, and takes nothing but a data channel', async () => {
  using offer = await makeOffer()
  const named = offer.sdp.replace(
    'a=end-of-candidates',
    'a=candidate:9 1 UDP 1 internal.example 80 typ host\r\na=end-of-candidates',
  )
  expect(named).toContain('internal.example')
  expect(checkOffer(named)).not.toContain('internal.example')
  expect(checkOffer(named)).toContain('127.0.0.1')
  for (const hidden of [
    'a=candidate:1\t1\tUDP\t1\tinternal.example 80 typ host 127.0.0.1',
    'a=candidate: 1 1 UDP 127.0.0.1 internal.example 80 typ host',
    'a=candidate:1 1 UDP 1internal.example 127.0.0.1 80 typ host',
    'a=candidate:1 1 UDP 1 127.0.0.1\vinternal.example 80 typ host',
  ])
    expect(checkOffer(offer.sdp.replace('a=end-of-candidates', hidden)), hidden).not.toContain('internal.example')
  const many = offer.sdp.replace('a=end-of-candidates', 'a=candidate:9 1 UDP 1 10.0.0.1 80 typ host\r\n'.repeat(100))
  expect(checkOffer(many)?.match(/a=candidate/g)).toHaveLength(32)
  for (const bad of [undefined, {}, '', 'x', `${offer.sdp}m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n`, 'x'.repeat(20_000)])
    expect(checkOffer(bad)).toBeUndefined()
})

it('lives through offers that were garbled', async () => {
  await using peers = new RtcPeers({ ...here, maxPeers: 1_000 })
  using offer = await makeOffer()
  const lines = offer.sdp.split('\r\n')
  let seed = 7
  const random = (below: number): number => (seed = (seed * 48_271) % 0x7fffffff) % below
  for (let round = 0; round < 40; round += 1) {
    const garbled = lines.map((line) => {
      const at = random(line.length + 1)
      if (random(4) > 0) return line
      return [
        line.slice(0, at),
        `${line.slice(0, at)}${String.fromCharCode(random(256))}${line.slice(at + 1)}`,
        `${line} ${random(9)}`,
      ][random(3)]
    })
    const peer = await peers.answer({ peerId, sdp: garbled.join('\r\n') }, () => undefined)
    peer?.destroy()
  }
  await expect.poll(() => peers.size).toBe(0)
})

it('ends a connection over which more than one channel is opened', async () => {
  await using peers = new RtcPeers({ ...here, maxPeers: 3 })
  using offer = await makeOffer(2)
  const peer = await peers.answer({ peerId, sdp: offer.sdp }, (sdp) =>
    offer.connection.setRemoteDescription(sdp, 'answer'),
  )
  if (peer === undefined) throw new Error('was not answered')
  await once(peer, 'close')
  expect(peers.size).toBe(0)
})
