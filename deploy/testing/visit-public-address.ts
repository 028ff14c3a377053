import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

/** What an installation is reached by, and what is asked for there. */
export interface PublicPlace {
  /** `http://host:port` */
  readonly publicUrl: string
  readonly udp: { readonly host: string; readonly port: number }
  readonly communityId: string
  readonly infoHash: string
}

/** How strangers count at the tracker. */
interface SwarmCounts {
  readonly complete: number
  readonly incomplete: number
}

const peerId = '-XX0001-000000000001'
const peerPort = 4_001
const protocolId = Buffer.from('0000041727101980', 'hex')
const betweenLooksMilliseconds = 250
/** A seeder spreads its announcements over a while. */
const limitMilliseconds = 180_000

/**
 * Does what strangers do who have a magnet link: fetches the torrent's files over the web seed, announces itself at the tracker
 * on each of its ways, and asks for a torrent that is not there. Resolves when the seeders' announcements are there, too.
 * @throws Error where something is not answered as it should be
 */
export async function visitPublicAddress(place: PublicPlace): Promise<void> {
  for (const file of ['index', 'data', 'info']) await fetchSeed(place, file)
  const deadline = performance.now() + limitMilliseconds
  while ((await announceOverWebSocket(place)).complete === 0) {
    if (performance.now() > deadline) throw new Error('no seeder announces itself to the tracker over WebSocket')
    await pause(betweenLooksMilliseconds)
  }
  const known = await announceOverHttp(place, place.infoHash)
  if (!known.includes('8:complete')) throw new Error(`the tracker answers over HTTP: ${known}`)
  const foreign = await announceOverHttp(place, 'fe'.repeat(20))
  if (!foreign.includes('failure reason')) throw new Error(`the tracker takes a foreign torrent: ${foreign}`)
  const { complete, incomplete } = await announceOverUdp(place)
  if (complete + incomplete === 0) throw new Error('the tracker has no peer over UDP')
}

async function fetchSeed({ publicUrl, infoHash, communityId }: PublicPlace, file: string): Promise<void> {
  const answer = await fetch(`${publicUrl}/seeds/${infoHash}/${communityId}/${file}`)
  const { byteLength } = await answer.arrayBuffer()
  if (!answer.ok || byteLength === 0) throw new Error(`the web seed answers ${answer.status} for ${file}`)
}

async function announceOverHttp({ publicUrl }: PublicPlace, infoHash: string): Promise<string> {
  const query = `info_hash=${infoHash.replaceAll(/../g, '%$&')}&peer_id=${peerId}&port=${peerPort}&left=1`
  return (await fetch(`${publicUrl}/announce?${query}`)).text()
}

async function announceOverWebSocket({ publicUrl, infoHash }: PublicPlace): Promise<SwarmCounts> {
  const socket = new WebSocket(`${publicUrl.replace(/^http/, 'ws')}/announce`)
  await once(socket, 'open')
  const info_hash = Buffer.from(infoHash, 'hex').toString('latin1')
  socket.send(JSON.stringify({ action: 'announce', info_hash, peer_id: peerId, left: 1 }))
  const [answer] = (await once(socket, 'message')) as [{ readonly data: string }]
  socket.close()
  await once(socket, 'close')
  return JSON.parse(answer.data) as SwarmCounts
}

/** As BEP 15 has it. */
async function announceOverUdp({ udp, infoHash }: PublicPlace): Promise<SwarmCounts> {
  const socket = createSocket('udp4')
  try {
    const ask = async (action: number, connection: Buffer, rest: Buffer): Promise<Buffer> => {
      const head = Buffer.alloc(8)
      head.writeUInt32BE(action)
      socket.send(Buffer.concat([connection, head, rest]), udp.port, udp.host)
      const [answer] = (await once(socket, 'message')) as [Buffer]
      if (answer.readUInt32BE(0) !== action) throw new Error(`the tracker answers over UDP: ${answer.toString('hex')}`)
      return answer.subarray(8)
    }
    const connection = await ask(0, protocolId, Buffer.alloc(0))
    // Downloaded, left, uploaded, event, address, key, how many are wanted; the port.
    const state = Buffer.alloc(42)
    state.writeUInt32BE(1, 12)
    state.writeInt32BE(-1, 36)
    state.writeUInt16BE(peerPort + 1, 40)
    const announcement = Buffer.concat([Buffer.from(infoHash, 'hex'), Buffer.from(peerId), state])
    const counts = await ask(1, connection, announcement)
    return { incomplete: counts.readUInt32BE(4), complete: counts.readUInt32BE(8) }
  } finally {
    socket.close()
  }
}
