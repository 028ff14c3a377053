import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

export interface PieceAddress {
  readonly host: string
  readonly port: number
  /** 40 hex digits. */
  readonly infoHash: string
}

/** Silence of one that is gone half: longer than a seeder that works takes to answer, on however busy a machine. */
const patienceMilliseconds = 60_000

const blockBytes = 1_024
const protocol = Buffer.from('\u0013BitTorrent protocol')
const handshakeBytes = 68

/** Numbers of the messages (BEP 3). */
const unchoke = 1
const interested = 2
const request = 6
const piece = 7

/**
 * Whether a seeder gives the beginning of a torrent's first piece to a peer that comes anew. A peer of no more than that:
 * over plain TCP, without extensions.
 */
export async function askForPiece({ host, port, infoHash }: PieceAddress): Promise<boolean> {
  const socket = connect({ host, port, timeout: patienceMilliseconds })
  try {
    return await converse(socket, Buffer.from(infoHash, 'hex'))
  } catch (error) {
    // Nobody listens, or it goes away.
    if (error instanceof Error && 'code' in error) return false
    throw error
  } finally {
    socket.destroy()
  }
}

async function converse(socket: Socket, infoHash: Buffer): Promise<boolean> {
  socket.on('timeout', () => socket.destroy())
  await once(socket, 'connect')
  const peerId = Buffer.from('-XX0001-000000000000')
  socket.write(Buffer.concat([protocol, Buffer.alloc(8), infoHash, peerId]))
  let received = Buffer.alloc(0)
  let greeted = false
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer])
    if (!greeted) {
      if (received.length < handshakeBytes) continue
      if (!received.subarray(28, 48).equals(infoHash)) return false
      received = received.subarray(handshakeBytes)
      greeted = true
      socket.write(message(interested))
    }
    for (;;) {
      if (received.length < 4) break
      const end = 4 + received.readUInt32BE(0)
      if (received.length < end) break
      const id = received[4]
      if (end > 4 && id === unchoke) socket.write(message(request, 0, 0, blockBytes))
      if (end > 4 && id === piece) return end - 4 === 9 + blockBytes
      received = received.subarray(end)
    }
  }
  return false
}

function message(id: number, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(5 + 4 * numbers.length)
  bytes.writeUInt32BE(1 + 4 * numbers.length, 0)
  bytes[4] = id
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, 5 + 4 * index)
  return bytes
}
