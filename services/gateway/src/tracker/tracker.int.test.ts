import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { decodeMagnetLink } from '@annals/archive'
import { eventId } from '@annals/events'
import { addControlled, makeTorrent, messageOf, rawArchive } from '@annals/service/testing'
import { seedings } from '@annals/storage'
import { expect, it } from 'vitest'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'
import { KnownTorrents } from './known-torrents.ts'
import { TrackerUdpUnavailableError } from './tracker-errors.ts'

const hashes = Array.from('abcdef', (digit) => digit.repeat(40))
const [one = '', two = '', three = ''] = hashes

async function announce({ http }: TestGateway, infoHash: string): Promise<string> {
  const query = `info_hash=${infoHash.replaceAll(/../g, '%$&')}&peer_id=-XX0001-000000000001&port=4001&left=0`
  const answer = await fetch(`http://127.0.0.1:${http?.port}/announce?${query}`)
  expect(answer.status).toBe(200)
  return answer.text()
}

async function announceOverWebSocket({ http }: TestGateway, infoHash: string): Promise<unknown> {
  const socket = new WebSocket(`ws://127.0.0.1:${http?.port}/announce`)
  await once(socket, 'open')
  const info_hash = Buffer.from(infoHash, 'hex').toString('latin1')
  socket.send(JSON.stringify({ action: 'announce', info_hash, peer_id: '-XX0001-000000000002', left: 0 }))
  const [answer] = (await once(socket, 'message')) as [{ readonly data: string }]
  // While it is open nobody else may have its peer id.
  socket.close()
  await once(socket, 'close')
  return JSON.parse(answer.data)
}

it('serves peers of what is seeded here over HTTP and WebSocket, as soon as it is, and of nothing else', async () => {
  await using gateway = await startTestGateway()
  expect(await announce(gateway, one)).toContain('failure reason')
  const communityId = await addControlled(gateway.context)
  await gateway.context.bus.publish({
    id: eventId('SeedingStarted', communityId, one, 1),
    name: 'SeedingStarted',
    communityId,
    payload: { infoHash: one, magnetLink: '', generation: 1, sizeBytes: 1 },
  })
  await expect.poll(() => announce(gateway, one)).toContain('8:completei1e')
  expect(await announceOverWebSocket(gateway, one)).toMatchObject({ action: 'announce', complete: 2 })
  expect(await announceOverWebSocket(gateway, two)).toHaveProperty('failure reason')
})

it('ends with its WebSockets open', async () => {
  await using gateway = await startTestGateway()
  expect(await announceOverWebSocket(gateway, one)).toHaveProperty('failure reason')
  await gateway.stop()
})

it('knows what is seeded before it starts', async () => {
  await using gateway = await startTestGateway()
  const { context } = gateway
  const rows = context.state.collection(seedings)
  await rows.put(
    'a',
    { current: { infoHash: one, generation: 2 }, ending: { infoHash: two, reason: '' }, starts: 2 },
    0,
  )
  using known = new KnownTorrents(context, new AbortController().signal)
  await expect.poll(() => hashes.map((hash) => known.has(hash))).toEqual([true, true, false, false, false, false])
  expect(known.has(three)).toBe(false)
})

it('says so where it cannot listen on UDP', async () => {
  const other = createSocket('udp4').bind(0, '127.0.0.1')
  await once(other, 'listening')
  try {
    const env = { ANNALS_TRACKER_UDP: `127.0.0.1:${other.address().port}` }
    await expect(startTestGateway({ env })).rejects.toThrow(TrackerUdpUnavailableError)
  } finally {
    other.close()
  }
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

it('is announced to by the seeders of an installation with a public address, whatever their torrents name', async () => {
  const place = `127.0.0.1:${await freePort()}`
  await using gateway = await startTestGateway({
    env: { ANNALS_HTTP: place, ANNALS_PUBLIC_URL: `http://${place}` },
  })
  const { context } = gateway
  const communityId = await addControlled(context)
  const raw = await rawArchive([messageOf(communityId, 1_000)], 1_000)
  const { infoHash } = decodeMagnetLink(await makeTorrent(communityId, [raw]).serve(context.torrents))
  await context.bus.publish({
    id: eventId('SeedingStarted', communityId, infoHash, 1),
    name: 'SeedingStarted',
    communityId,
    payload: { infoHash, magnetLink: '', generation: 1, sizeBytes: 1 },
  })
  const infoHashOverWebSocket = (): Promise<unknown> => announceOverWebSocket(gateway, infoHash)
  // The seeder's one and this one.
  await expect.poll(infoHashOverWebSocket, { timeout: 20_000 }).toMatchObject({ complete: 2 })
})
