import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'

export interface Request {
  readonly piece: number
  readonly offsetBytes: number
  readonly sizeBytes: number
}

export interface Script {
  readonly infoHash: string
  /** Given to whoever asks; none where absent. */
  readonly infoBytes?: Uint8Array
  /** Pieces it says it has, from 0 on. */
  readonly pieces?: number
  /** Whether it lets others ask; true where absent. */
  readonly unchokes?: boolean
  /** Pieces offered to be asked for even while choked. */
  readonly allowedFast?: readonly number[]
  /** The block it answers with; silence for `undefined`. */
  block?(request: Request): Uint8Array | undefined
  /** Called after the handshake, to send anything else. */
  greet?(send: (id: number, ...parts: Uint8Array[]) => void, socket: Socket): void
}

export interface ScriptedPeer extends AsyncDisposable {
  readonly address: string
  readonly requests: readonly Request[]
  /** Connections so far. */
  connections(): number
}

const metadataPieceBytes = 16_384
/** Our number for ut_metadata in messages to us; the other side's is 1 in WebTorrent. */
const ourMetadataId = 1

/** A peer that says what a test tells it to, over plain TCP on loopback. */
export async function startScriptedPeer(script: Script): Promise<ScriptedPeer> {
  const requests: Request[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    serve(socket, script, requests)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export function handshake(
  infoHash: string,
  peerId = `-XX0001-${Math.random().toString().slice(2, 14).padEnd(12, '0')}`,
): Buffer {
  const reserved = Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 0x04])
  return Buffer.concat([
    Buffer.from('\x13BitTorrent protocol'),
    reserved,
    Buffer.from(infoHash, 'hex'),
    Buffer.from(peerId, 'latin1'),
  ])
}

export function message(id: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from([id]), ...parts])
  return Buffer.concat([uint32(body.length), body])
}

export function uint32(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  numbers.forEach((number, i) => bytes.writeUInt32BE(number, 4 * i))
  return bytes
}

function serve(socket: Socket, script: Script, requests: Request[]): void {
  let received = Buffer.alloc(0)
  let greeted = false
  let theirMetadataId = 1
  const send = (id: number, ...parts: Uint8Array[]): void => {
    if (!socket.destroyed) socket.write(message(id, ...parts))
  }
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    if (!greeted) {
      if (received.length < 68) return
      received = received.subarray(68)
      greeted = true
      socket.write(handshake(script.infoHash))
      greet(script, send, socket)
    }
    for (;;) {
      if (received.length < 4) return
      const length = received.readUInt32BE(0)
      if (received.length < 4 + length) return
      const body = received.subarray(4, 4 + length)
      received = received.subarray(4 + length)
      if (length > 0) answer(body)
    }
  })
  const answer = (body: Buffer): void => {
    if (body[0] === 6) {
      const request = {
        piece: body.readUInt32BE(1),
        offsetBytes: body.readUInt32BE(5),
        sizeBytes: body.readUInt32BE(9),
      }
      requests.push(request)
      const block = script.block?.(request)
      if (block) send(7, uint32(request.piece, request.offsetBytes), block)
    }
    if (body[0] !== 20) return
    const text = body.toString('latin1', 2)
    if (body[1] === 0) theirMetadataId = Number(/11:ut_metadatai(\d+)e/.exec(text)?.[1] ?? 1)
    const piece = body[1] === ourMetadataId && /8:msg_typei0e5:piecei(\d+)e/.exec(text)?.[1]
    if (!piece || !script.infoBytes) return
    const part = script.infoBytes.subarray(Number(piece) * metadataPieceBytes, (Number(piece) + 1) * metadataPieceBytes)
    const header = `d8:msg_typei1e5:piecei${piece}e10:total_sizei${script.infoBytes.length}ee`
    send(20, Buffer.from([theirMetadataId]), Buffer.from(header), part)
  }
}

function greet(script: Script, send: (id: number, ...parts: Uint8Array[]) => void, socket: Socket): void {
  const size = script.infoBytes ? `13:metadata_sizei${script.infoBytes.length}e` : ''
  send(20, Buffer.from([0]), Buffer.from(`d1:md11:ut_metadatai${ourMetadataId}ee${size}e`))
  const pieces = script.pieces ?? 0
  if (pieces > 0) {
    const bits = Buffer.alloc(Math.ceil(pieces / 8))
    for (let piece = 0; piece < pieces; piece += 1) bits[piece >> 3]! |= 0x80 >> (piece & 7)
    send(5, bits)
  }
  for (const piece of script.allowedFast ?? []) send(0x11, uint32(piece))
  if (script.unchokes ?? true) send(1)
  script.greet?.(send, socket)
}
