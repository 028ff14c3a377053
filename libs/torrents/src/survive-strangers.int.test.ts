import { once } from 'node:events'
import { connect } from 'node:net'
import { array, assert, asyncProperty, boolean, nat, tuple, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf, makeHistory } from '../testing/make-history.ts'
import {
  fetchFrom,
  openTestNode,
  patientLimits,
  peerOf,
  readAll,
  storeAndSeed,
  testFolder,
} from '../testing/open-nodes.ts'
import { handshake, message, startScriptedPeer, uint32 } from '../testing/scripted-peer.ts'
import type { TorrentNode } from './torrent-node.ts'

const history = makeHistory({ rawSizes: [250_000], indexBytes: 20_000 })
const { infoHash, infoBytes } = history.torrent

/** Sends bytes and waits until the node has read them all or hung up. */
async function sendTo(node: TorrentNode, ...parts: Uint8Array[]): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(node.address.port, node.address.host)
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.resume()
    for (const part of parts) socket.write(part)
    socket.end()
  })
}

/** 60,000 addresses of peers, none of which there is. */
const manyPeers = Buffer.concat([
  Buffer.from('d5:added360000:'),
  ...Array.from({ length: 60_000 }, (_, i) => Buffer.from([127, 1 + (i >> 16), (i >> 8) & 255, i & 255, 0, 9])),
  Buffer.from('e'),
])

const extended = (id: number, text: string): Buffer => message(20, Buffer.from([id]), Buffer.from(text))

/** Each of these either threw inside WebTorrent or made it take memory without bound. */
const nasty: readonly Uint8Array[] = [
  Buffer.alloc(200),
  bytesOf('key', 700),
  Buffer.concat([handshake(infoHash), uint32(0xffff_ffff), bytesOf('x', 5_000)]),
  Buffer.concat([handshake(infoHash), extended(1, 'd8:msg_typei1e5:piecei99999e10:total_sizei5eexxxxx')]),
  Buffer.concat([handshake(infoHash), extended(1, 'd8:msg_typei0e5:piecei-7ee')]),
  Buffer.concat([handshake(infoHash), extended(1, 'd8:msg_typei0e5:piece1:xe')]),
  Buffer.concat([handshake(infoHash), extended(2, 'd5:added7:1234567e'), extended(3, 'x')]),
  Buffer.concat([handshake(infoHash), extended(0, 'd1:mi5ee'), extended(0, 'd1:md11:ut_metadata0:ee')]),
  Buffer.concat([handshake(infoHash), extended(0, 'd1:md11:ut_metadatai1ee13:metadata_sizei9999999ee')]),
  Buffer.concat([handshake(infoHash), message(4, uint32(0xffff_fff0)), message(5, bytesOf('bits', 100_000))]),
  Buffer.concat([handshake(infoHash), message(2), message(6, uint32(0xffff_ffff, 0xffff_ffff, 0xffff)), message(6)]),
  Buffer.concat([handshake(infoHash), message(2), message(6, uint32(0, 100_000, 16_384)), message(9)]),
  Buffer.concat([handshake(infoHash), message(20, Buffer.from([2]), manyPeers)]),
]

test('what strangers send does not end the node, nor what it serves', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(`${folder.path}/a`)
  await storeAndSeed(node, history)
  for (const bytes of nasty) {
    await sendTo(node, bytes)
    // In two parts: what comes after the handshake is then read by a connection that belongs to the torrent.
    await sendTo(node, bytes.subarray(0, 68), bytes.subarray(68))
  }
  await assert(
    asyncProperty(
      boolean(),
      array(
        tuple(nat(21), uint8Array({ maxLength: 40 })).map(([id, body]) => message(id, body)),
        { maxLength: 10 },
      ),
      uint8Array({ maxLength: 100 }),
      async (known, messages, rest) => {
        const hash = known ? infoHash : '0'.repeat(40)
        await sendTo(node, handshake(hash), Buffer.concat(messages), rest)
      },
    ),
    { numRuns: 200 },
  )
  await using other = await openTestNode(`${folder.path}/b`)
  await using fetch = await fetchFrom(other, history, [peerOf(node)])
  await fetch.range(0, fetch.dataBytes)
  expect((await readAll(fetch)).equals(history.data)).toBe(true)
})

test('what strangers send to one that asks for metadata does not end the node', async () => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  for (const bytes of nasty.slice(2)) {
    const greet = (_: unknown, socket: { write(bytes: Uint8Array): unknown }): void =>
      void socket.write(bytes.subarray(68))
    await using peer = await startScriptedPeer({ infoHash, greet })
    await using honest = await startScriptedPeer({ infoHash, infoBytes, pieces: 4 })
    await using fetch = await fetchFrom(node, history, [peer.address, honest.address], { limits: patientLimits })
    expect(fetch.dataBytes).toBe(history.data.length)
    await node.unseed(history.communityId, infoHash)
  }
})

test.for([
  ['before it may', false],
  ['and takes nothing', true],
] as const)('a peer that asks for ever, %s, is hung up on', async ([, waits]) => {
  await using folder = await testFolder()
  await using node = await openTestNode(folder.path)
  await storeAndSeed(node, history)
  const socket = connect(node.address.port, node.address.host)
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.on('error', () => {})
  socket.write(handshake(infoHash))
  // What the node sends first; then it listens to interest.
  await once(socket, 'data')
  socket.pause()
  if (waits) socket.write(message(2))
  const requests = Buffer.concat(
    Array.from({ length: 18 }, (_, i) => message(6, uint32(i % 3, 16_384 * (i % 6), 16_384))),
  )
  const more = (): void => void socket.write(requests, (error) => (error || socket.destroyed ? undefined : more()))
  more()
  await closed
  expect(node.seeding()).toMatchObject([{ infoHash }])
})
