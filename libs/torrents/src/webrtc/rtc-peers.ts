import type { PeerConnection } from 'node-datachannel'
import { TokenBucket } from '../tracker/token-bucket.ts'
import { checkOffer } from './check-offer.ts'
import { RtcConnection } from './rtc-connection.ts'

export interface RtcOptions {
  /** Connections at once, those that are still being made with them. */
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

/** How long a connection may take to come about. */
const connectMilliseconds = 20_000

/** A STUN server that does not answer keeps addresses from being complete for long; those found by then are enough. */
const gatherMilliseconds = 2_000

/** So large a message is taken at once; WebTorrent's are a block at most. */
const maxMessageBytes = 256 * 1024

/**
 * Connections that browsers ask for. The native add-on is loaded with the first of them. What strangers can make of it is
 * bounded: how many there are and come about, how many channels each has, what waits to be read.
 */
export class RtcPeers implements AsyncDisposable {
  readonly #options: RtcOptions
  readonly #bucket = new TokenBucket(offerRate, () => performance.now())
  readonly #peers = new Set<RtcConnection>()
  #closed = false

  constructor(options: RtcOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#peers.size
  }

  /**
   * Takes an offer up. @returns the connection that is to come about, with `onAnswer` called once its answer is known; nothing
   * where the offer is none, or there are connections enough
   */
  async answer(offer: RtcOffer, onAnswer: (sdp: string) => void): Promise<RtcConnection | undefined> {
    const sdp = checkOffer(offer.sdp)
    if (sdp === undefined || this.#bucket.take(1) === 0) return undefined
    const native = await import('node-datachannel')
    if (this.#closed || this.#peers.size >= this.#options.maxPeers) return undefined
    const { iceServers, host } = this.#options
    const isAny = host === '0.0.0.0' || host === '::'
    const connection = new native.PeerConnection('annals', {
      iceServers: [...iceServers],
      maxMessageSize: maxMessageBytes,
      ...(!isAny && { bindAddress: host }),
    })
    const peer = new RtcConnection(offer.peerId, connection)
    this.#watch(peer)
    tellAnswer(peer, connection, onAnswer)
    try {
      connection.setRemoteDescription(sdp, 'offer')
    } catch {
      // It was no offer after all.
      peer.destroy()
      return undefined
    }
    return peer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const peer of this.#peers) peer.destroy()
  }

  #watch(peer: RtcConnection): void {
    this.#peers.add(peer)
    const timer = setTimeout(() => peer.destroy(), connectMilliseconds)
    peer.once('connect', () => clearTimeout(timer))
    peer.once('close', () => {
      clearTimeout(timer)
      this.#peers.delete(peer)
    })
    // Whoever uses the stream has a listener of its own while it does.
    peer.on('error', () => undefined)
  }
}

/** With all addresses in it: nothing is sent after it. */
function tellAnswer(peer: RtcConnection, connection: PeerConnection, onAnswer: (sdp: string) => void): void {
  let isTold = false
  const tell = (): void => {
    const answer = isTold || peer.destroyed ? null : connection.localDescription()
    if (answer?.type !== 'answer') return
    isTold = true
    onAnswer(answer.sdp)
  }
  const timer = setTimeout(tell, gatherMilliseconds)
  peer.once('close', () => clearTimeout(timer))
  connection.onGatheringStateChange((state) => {
    if (state === 'complete') tell()
  })
}
