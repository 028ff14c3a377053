import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TrackerSocket } from 'bittorrent-tracker'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { networkOf } from './network-of.ts'
import { readSignal } from './read-signal.ts'
import type { Signal } from './read-signal.ts'
import type { Swarms } from './swarms.ts'
import { TokenBucket } from './token-bucket.ts'
import type { TrackerCore } from './tracker-core.ts'
import { TrackerRefusalError } from './tracker-errors.ts'
import type { TrackerLimits } from './tracker-limits.ts'

export interface SocketParts {
  readonly core: TrackerCore
  readonly swarms: Swarms
  readonly limits: TrackerLimits
  /** Milliseconds that only grow. */
  readonly now: () => number
}

/** RFC 6455, 7.4.1. */
const tooFastCode = 1008

/** Browsers' way to the tracker: a WebSocket each, over which they find each other and exchange offers and answers. */
export class SocketDesk implements AsyncDisposable {
  readonly #parts: SocketParts
  readonly #server: WebSocketServer
  readonly #sessions = new Set<Session>()
  readonly #byAddress = new Map<string, number>()
  readonly #ping: NodeJS.Timeout

  constructor(parts: SocketParts) {
    this.#parts = parts
    const { messageBytes, pingMilliseconds } = parts.limits
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: messageBytes,
      // A message that comes byte by byte takes a hundred times its length until it is whole.
      maxFragments: 64,
      maxBufferedChunks: 1_024,
    })
    this.#ping = setInterval(() => {
      for (const session of this.#sessions) session.ping()
    }, pingMilliseconds)
    this.#ping.unref()
  }

  get sockets(): number {
    return this.#sessions.size
  }

  /** Makes a WebSocket of a connection; where there are too many it is refused. */
  take(request: IncomingMessage, connection: Duplex, head: Buffer, address: string): void {
    const { limits, core } = this.#parts
    // What goes wrong before it is a WebSocket.
    const fail = (): void => void connection.destroy()
    connection.on('error', fail)
    const network = networkOf(address)
    const ofAddress = this.#byAddress.get(network) ?? 0
    if (this.#sessions.size >= limits.sockets || ofAddress >= limits.socketsOfAddress) {
      core.emit('warning', new TrackerRefusalError('full', 'too many connections'))
      connection.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      return
    }
    this.#server.handleUpgrade(request, connection, head, (webSocket) => {
      connection.off('error', fail)
      const session = new Session(this.#parts, webSocket, { ip: address, port: request.socket.remotePort ?? 0 })
      this.#sessions.add(session)
      this.#byAddress.set(network, (this.#byAddress.get(network) ?? 0) + 1)
      webSocket.once('close', () => {
        this.#sessions.delete(session)
        const others = (this.#byAddress.get(network) ?? 0) - 1
        if (others > 0) this.#byAddress.set(network, others)
        else this.#byAddress.delete(network)
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ping)
    for (const session of this.#sessions) session.end()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}

/** One WebSocket, as the core sees it: what was not looked at does not come through, and nothing is sent that piles up. */
class Session extends EventEmitter implements TrackerSocket {
  readonly ip: string
  readonly port: number
  readonly addr: string
  readonly #parts: SocketParts
  readonly #webSocket: WebSocket
  readonly #messages: TokenBucket
  readonly #offers: TokenBucket
  readonly #torrents = new Set<string>()
  /** Whose connection it is: the first one that it said. */
  #peerId: string | undefined
  #isAlive = true

  constructor(parts: SocketParts, webSocket: WebSocket, { ip, port }: { readonly ip: string; readonly port: number }) {
    super()
    this.ip = ip
    this.port = port
    this.addr = `${ip} ${port}`
    this.#parts = parts
    this.#webSocket = webSocket
    this.#messages = new TokenBucket(parts.limits.messages, parts.now)
    this.#offers = new TokenBucket(parts.limits.offers, parts.now)
    parts.core.onWebSocketConnection(this)
    // The same for text and for bytes, as which simple-websocket, that WebTorrent uses, sends its text.
    webSocket.on('message', (data) => this.#take(data as Buffer))
    webSocket.on('pong', () => (this.#isAlive = true))
    // Such as a message that is too long. It closes by itself then.
    webSocket.on('error', () => this.#refuse('malformed', 'a message that is none'))
    webSocket.once('close', () => this.#leave())
  }

  send(text: string): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return
    if (this.#webSocket.bufferedAmount > this.#parts.limits.unsentBytes) {
      this.#refuse('slow', 'does not take what is sent')
      this.#webSocket.terminate()
    } else this.#webSocket.send(text)
  }

  /** Asks for a sign of life, or ends where there was none since the last time. */
  ping(): void {
    if (!this.#isAlive) {
      this.#refuse('slow', 'gives no sign of life')
      this.#webSocket.terminate()
      return
    }
    this.#isAlive = false
    this.#webSocket.ping()
  }

  end(): void {
    this.#webSocket.terminate()
  }

  #take(message: Buffer): void {
    if (this.#messages.take(1) === 0) {
      this.#refuse('too-fast', 'too many messages')
      this.#webSocket.close(tooFastCode, 'too many messages')
      return
    }
    try {
      const signal = readSignal(message.toString())
      if (signal.action === 'announce') this.#announce(signal)
      else this.emit('message', JSON.stringify(signal))
    } catch (error) {
      if (!(error instanceof TrackerRefusalError)) {
        // What nobody foresaw ends the connection, and not the process.
        this.#refuse('malformed', String(error))
        this.#webSocket.terminate()
        return
      }
      this.#refuse(error.reason, error.message)
      this.send(JSON.stringify({ 'failure reason': error.message }))
    }
  }

  #announce(signal: Extract<Signal, { action: 'announce' }>): void {
    const [infoHash, peerId] = [hexOf(signal.info_hash), hexOf(signal.peer_id)]
    this.#peerId ??= peerId
    if (this.#peerId !== peerId) throw new TrackerRefusalError('malformed', 'a connection is for one peer id')
    if (signal.answer !== undefined) {
      const swarm = this.#parts.swarms.get(infoHash)
      // Who made the offer may be gone by now.
      if (swarm?.peers.get(hexOf(signal.to_peer_id ?? '')) === undefined) return
    }
    const offers = signal.offers?.slice(0, this.#offers.take(signal.offers.length))
    this.#torrents.add(infoHash)
    this.emit('message', JSON.stringify({ ...signal, ...(offers && { offers }) }))
    if (this.#parts.swarms.get(infoHash)?.peers.get(peerId)?.socket !== this) this.#torrents.delete(infoHash)
  }

  #leave(): void {
    for (const infoHash of this.#torrents) this.#parts.swarms.get(infoHash)?.leave(this.#peerId ?? '', this)
    this.#torrents.clear()
    this.emit('close')
  }

  #refuse(reason: TrackerRefusalError['reason'], message: string): void {
    this.#parts.core.emit('warning', new TrackerRefusalError(reason, message))
  }
}

function hexOf(binary: string): string {
  return Buffer.from(binary, 'latin1').toString('hex')
}
