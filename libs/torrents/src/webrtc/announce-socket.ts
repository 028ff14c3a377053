import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import type { TorrentLog } from '../torrent-node.ts'
import { AnnounceSchedule } from './announce-schedule.ts'
import type { LookupAddress } from 'node:dns'
import type { RtcConnection } from './rtc-connection.ts'
import type { RtcPeers } from './rtc-peers.ts'

export interface AnnouncedTorrent {
  /** 40 lower-case hex digits. */
  readonly infoHash: string
  /** Whether nothing of it is missing. */
  isComplete(): boolean
  /** Takes a connection that is about to come about; false where it is not wanted. */
  takePeer(peer: RtcConnection): boolean
}

/** Of a message from a tracker: what no browser's offer comes near. */
const maxMessageBytes = 64 * 1024
/** Behind a proxy that forgets idle connections, or a tracker that is gone without a word. */
const pingMilliseconds = 30_000
const firstRetryMilliseconds = 2_000
const longestRetryMilliseconds = 300_000
/** Announcements go out in this rhythm, so that thousands of them are no flood. */
const tickMilliseconds = 50
const handshakeMilliseconds = 20_000

export interface TrackerPlace {
  readonly url: string
  /** Which of the addresses behind the URL's name; any where absent. */
  readonly address?: LookupAddress
}

/** One tracker over WebSocket. Connects again, later each time, whenever the connection is lost. */
export class AnnounceSocket {
  readonly #place: TrackerPlace
  readonly #peers: RtcPeers
  readonly #log: TorrentLog
  readonly #torrents = new Map<string, AnnouncedTorrent>()
  readonly #schedule = new AnnounceSchedule()
  #webSocket: WebSocket | undefined
  #peerId = ''
  #isAlive = true
  #retryMilliseconds = firstRetryMilliseconds
  #closed = false
  readonly #tick: NodeJS.Timeout
  readonly #ping: NodeJS.Timeout
  #retry: NodeJS.Timeout | undefined

  constructor(place: TrackerPlace, peers: RtcPeers, log: TorrentLog) {
    this.#place = place
    this.#peers = peers
    this.#log = log
    this.#tick = setInterval(() => this.#announceNext(), tickMilliseconds)
    this.#ping = setInterval(() => this.#checkAlive(), pingMilliseconds)
    this.#tick.unref()
    this.#ping.unref()
    this.#connect()
  }

  get size(): number {
    return this.#torrents.size
  }

  add(torrent: AnnouncedTorrent): void {
    this.#torrents.set(torrent.infoHash, torrent)
    this.#schedule.add(torrent.infoHash)
  }

  remove(infoHash: string): void {
    const torrent = this.#torrents.get(infoHash)
    if (torrent === undefined) return
    this.#torrents.delete(infoHash)
    this.#schedule.remove(infoHash)
    this.#announce(torrent, 'stopped')
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#tick)
    clearInterval(this.#ping)
    clearTimeout(this.#retry)
    this.#webSocket?.close()
    // One that does not answer is not waited for.
    this.#webSocket?.terminate()
  }

  #connect(): void {
    // Another one each time: the tracker may not have noticed yet that the last connection is gone.
    this.#peerId = `-AN0001-${randomBytes(6).toString('hex')}`
    this.#isAlive = true
    const { url, address } = this.#place
    const webSocket = new WebSocket(url, {
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      handshakeTimeout: handshakeMilliseconds,
      followRedirects: false,
      ...(address && { lookup: (_, options, callback) => answerLookup(address, options.all, callback) }),
    })
    this.#webSocket = webSocket
    webSocket.once('open', () => {
      this.#retryMilliseconds = firstRetryMilliseconds
      this.#schedule.beginAnew(performance.now())
    })
    webSocket.on('message', (data) => this.#take(data as Buffer))
    webSocket.on('pong', () => (this.#isAlive = true))
    webSocket.on('error', (error) =>
      this.#log.debug({ tracker: this.#host(), error: error.message }, 'tracker warning'),
    )
    webSocket.once('close', () => this.#connectLater())
  }

  #connectLater(): void {
    if (this.#closed) return
    const wait = this.#retryMilliseconds * (0.5 + Math.random() / 2)
    this.#retryMilliseconds = Math.min(this.#retryMilliseconds * 2, longestRetryMilliseconds)
    this.#retry = setTimeout(() => this.#connect(), wait)
    this.#retry.unref()
  }

  #checkAlive(): void {
    if (this.#webSocket?.readyState !== WebSocket.OPEN) return
    if (!this.#isAlive) {
      this.#webSocket.terminate()
      return
    }
    this.#isAlive = false
    this.#webSocket.ping()
  }

  #announceNext(): void {
    if (this.#webSocket?.readyState !== WebSocket.OPEN) return
    const infoHash = this.#schedule.next(performance.now())
    const torrent = infoHash === undefined ? undefined : this.#torrents.get(infoHash)
    if (torrent !== undefined) this.#announce(torrent, 'update')
  }

  #announce(torrent: AnnouncedTorrent, event: 'update' | 'stopped'): void {
    // An update of a peer that a tracker does not know is taken for its start.
    this.#send(torrent.infoHash, {
      left: torrent.isComplete() ? 0 : 1,
      uploaded: 0,
      downloaded: 0,
      ...(event === 'stopped' && { event }),
      numwant: 0,
      offers: [],
    })
  }

  #send(infoHash: string, fields: object): void {
    if (this.#webSocket?.readyState !== WebSocket.OPEN) return
    const message = { action: 'announce', info_hash: binaryOf(infoHash), peer_id: this.#peerId, ...fields }
    this.#webSocket.send(JSON.stringify(message))
  }

  #take(data: Buffer): void {
    const message = parse(data)
    if (message === undefined) return
    const infoHash = hexOf(message['info_hash'])
    if (infoHash === undefined || !this.#torrents.has(infoHash)) return
    if (message['failure reason'] !== undefined) this.#schedule.refused(infoHash, performance.now())
    else if (isObject(message['offer'])) void this.#answer(infoHash, message, message['offer'])
    else if (typeof message['interval'] === 'number')
      this.#schedule.taken(infoHash, message['interval'], performance.now())
  }

  async #answer(
    infoHash: string,
    message: Readonly<Record<string, unknown>>,
    offer: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { peer_id: to, offer_id: offerId } = message
    const peerId = hexOf(to)
    if (peerId === undefined || typeof offerId !== 'string' || offerId.length > 100) return
    try {
      const peer = await this.#peers.answer({ peerId, sdp: offer['sdp'] }, (sdp) =>
        this.#send(infoHash, { answer: { type: 'answer', sdp }, to_peer_id: to, offer_id: offerId }),
      )
      // The torrent may be gone by now.
      if (peer !== undefined && this.#torrents.get(infoHash)?.takePeer(peer) !== true) peer.destroy()
    } catch (error) {
      this.#log.warn({ err: error }, 'browsers cannot be answered: WebRTC does not work on this machine')
    }
  }

  /** The rest of an address may hold a key. */
  #host(): string {
    return URL.parse(this.#place.url)?.host ?? ''
  }
}

type LookupCallback = (error: null, address: string | LookupAddress[], family?: number) => void

function answerLookup(address: LookupAddress, all: boolean | undefined, callback: LookupCallback): void {
  if (all === true) callback(null, [address])
  else callback(null, address.address, address.family)
}

function parse(data: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(data.toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function binaryOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1')
}

function hexOf(binary: unknown): string | undefined {
  return typeof binary === 'string' && binary.length === 20 ? Buffer.from(binary, 'latin1').toString('hex') : undefined
}
