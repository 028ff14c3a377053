import type SimplePeer from '@thaunknown/simple-peer/lite.js'
import { TokenBucket } from '../tracker/token-bucket.ts'
import { checkOffer } from './check-offer.ts'

export interface RtcOptions {
  /** Connections at once, those that are still being made with them. Each takes about a megabyte, and some file handles. */
  readonly maxPeers: number
  /** STUN servers, `stun:host:port`, that tell this machine its address as others see it; none behind no router. */
  readonly iceServers: readonly string[]
  /** The address that the node listens on; all where it is `0.0.0.0` or `::`. */
  readonly host: string
}

export interface RtcOffer {
  /** Hex. */
  readonly peerId: string
  readonly sdp: unknown
}

/** Offers that are looked into: so many at once, and so many a second in the long run. */
const offerRate = { burst: 40, perSecond: 10 }

/** What a peer has sent and nobody has read yet. */
const maxUnreadBytes = 8 << 20

/** How long a connection may take to come about. */
const connectMilliseconds = 20_000

/**
 * Connections that browsers ask for. The native add-on is loaded with the first of them. What strangers can make of it is
 * bounded: how many there are and come about, how many channels each has, what waits to be read.
 */
export class RtcPeers implements AsyncDisposable {
  readonly #options: RtcOptions
  readonly #bucket = new TokenBucket(offerRate, () => performance.now())
  /** With the end of each. */
  readonly #peers = new Map<SimplePeer, Promise<void>>()
  #opening = 0
  #closed = false

  constructor(options: RtcOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#peers.size + this.#opening
  }

  /**
   * Takes an offer up. @returns the connection, and resolves the answer to the offer; nothing where the offer is none, or there
   * are connections enough.
   */
  async answer(offer: RtcOffer, onAnswer: (sdp: string) => void): Promise<SimplePeer | undefined> {
    if (this.#closed || this.size >= this.#options.maxPeers || this.#bucket.take(1) === 0) return undefined
    const sdp = checkOffer(offer.sdp)
    if (sdp === undefined) return undefined
    this.#opening += 1
    let peer: SimplePeer
    try {
      peer = await this.#open()
    } finally {
      this.#opening -= 1
    }
    if (this.#closed) {
      peer.destroy()
      return undefined
    }
    peer.id = offer.peerId
    this.#watch(peer)
    // simple-peer waits five seconds for a sign that all addresses are found, which libdatachannel gives in another way.
    let isAnswered = false
    peer.on('iceStateChange', (_: string, gathering: string) => {
      const answer = peer._pc?.localDescription
      if (isAnswered || gathering !== 'complete' || answer?.type !== 'answer') return
      isAnswered = true
      onAnswer(answer.sdp)
    })
    peer.signal({ type: 'offer', sdp })
    return peer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const closed = [...this.#peers.values()]
    for (const peer of this.#peers.keys()) peer.destroy()
    await Promise.all(closed)
  }

  async #open(): Promise<SimplePeer> {
    const { default: Peer } = await import('@thaunknown/simple-peer/lite.js')
    const { iceServers, host } = this.#options
    const isAny = host === '0.0.0.0' || host === '::'
    return new Peer({
      initiator: false,
      trickle: false,
      config: { iceServers: iceServers.map((urls) => ({ urls })), ...(!isAny && { bindAddress: host }) },
    })
  }

  #watch(peer: SimplePeer): void {
    const connection = peer._pc
    if (connection === null) return
    const closed = Promise.withResolvers<void>()
    this.#peers.set(peer, closed.promise)
    const timer = setTimeout(() => peer.destroy(), connectMilliseconds)
    peer.once('connect', () => clearTimeout(timer))
    // Every way that simple-peer ends leads here; not every one to its event.
    const close = connection.close.bind(connection)
    connection.close = () => {
      clearTimeout(timer)
      this.#peers.delete(peer)
      close()
      closed.resolve()
    }
    // Such as an offer that cannot be answered; it closes by itself then.
    peer.on('error', () => undefined)
    const onChannel = connection.ondatachannel
    let channels = 0
    connection.ondatachannel = (event) => {
      channels += 1
      if (channels === 1) onChannel?.(event)
      else peer.destroy()
    }
    const push = peer.push.bind(peer)
    peer.push = (bytes) => {
      if (peer._readableState.buffered <= maxUnreadBytes) return push(bytes)
      peer.destroy()
      return false
    }
  }
}
