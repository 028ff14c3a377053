import { isIP } from 'node:net'
import type {
  SwarmAnnounce,
  SwarmAnswer,
  SwarmCounts,
  SwarmPeer,
  TrackerSocket,
  TrackerSwarm,
} from 'bittorrent-tracker'
import { networkOf } from './network-of.ts'
import type { PeersElsewhere } from './peers-elsewhere.ts'
import { TrackerRefusalError } from './tracker-errors.ts'
import type { TrackerLimits } from './tracker-limits.ts'

type SwarmLimits = Pick<TrackerLimits, 'peers' | 'peersOfTorrent' | 'peersOfAddress' | 'peersOfAddressInAll'>

interface Peer extends SwarmPeer {
  readonly network: string
  complete: boolean
  heardAt: number
}

interface ChosenPeer extends SwarmPeer {
  readonly complete: boolean
}

/** How many peers there are: browsers over WebSocket, others over HTTP and UDP. */
export interface PeerCounts {
  readonly browsers: number
  readonly others: number
}

/**
 * The peers of all torrents, within bounds. One without a WebSocket is forgotten when it was not heard of for long; one with
 * a WebSocket when that is closed.
 */
export class Swarms {
  readonly #limits: SwarmLimits
  readonly #forgetMilliseconds: number
  readonly #now: () => number
  readonly #elsewhere: PeersElsewhere | undefined
  readonly #swarms = new Map<string, Swarm>()
  readonly #counts = { browsers: 0, others: 0 }
  /** Peers of all torrents, by network. */
  readonly #byNetwork = new Map<string, number>()

  /** @param now milliseconds that only grow */
  constructor(limits: SwarmLimits, forgetMilliseconds: number, now: () => number, elsewhere?: PeersElsewhere) {
    this.#elsewhere = elsewhere
    this.#limits = limits
    this.#forgetMilliseconds = forgetMilliseconds
    this.#now = now
  }

  get peers(): PeerCounts {
    return { ...this.#counts }
  }

  get torrents(): number {
    return this.#swarms.size
  }

  get(infoHash: string): Swarm | undefined {
    return this.#swarms.get(infoHash)
  }

  open(infoHash: string): Swarm {
    let swarm = this.#swarms.get(infoHash)
    if (swarm === undefined) {
      swarm = new Swarm(this.#limits, this.#now, {
        isFull: () => this.#counts.browsers + this.#counts.others >= this.#limits.peers,
        ofNetwork: (network) => this.#byNetwork.get(network) ?? 0,
        changed: (by, peer) => this.#count(by, peer),
        elsewhere: this.#elsewhere,
      })
      this.#swarms.set(infoHash, swarm)
    }
    return swarm
  }

  #count(by: 1 | -1, { socket, network }: Peer): void {
    this.#counts[socket === undefined ? 'others' : 'browsers'] += by
    const ofNetwork = (this.#byNetwork.get(network) ?? 0) + by
    if (ofNetwork > 0) this.#byNetwork.set(network, ofNetwork)
    else this.#byNetwork.delete(network)
  }

  /** Forgets who was not heard of for long, and torrents without peers. */
  sweep(): void {
    for (const [infoHash, swarm] of this.#swarms) {
      swarm.forgetUnheard(this.#now() - this.#forgetMilliseconds)
      if (swarm.size === 0) this.#swarms.delete(infoHash)
    }
  }
}

interface Bookkeeping {
  isFull(): boolean
  ofNetwork(network: string): number
  changed(by: 1 | -1, peer: Peer): void
  readonly elsewhere: PeersElsewhere | undefined
}

/** The peers of one torrent. */
class Swarm implements TrackerSwarm {
  readonly #limits: SwarmLimits
  readonly #now: () => number
  readonly #books: Bookkeeping
  /** Whoever was heard of longest ago comes first. */
  readonly #peers = new Map<string, Peer>()
  #complete = 0
  readonly peers = { get: (peerId: string): SwarmPeer | undefined => this.#peers.get(peerId) }

  constructor(limits: SwarmLimits, now: () => number, books: Bookkeeping) {
    this.#limits = limits
    this.#now = now
    this.#books = books
  }

  get size(): number {
    return this.#peers.size
  }

  announce(params: SwarmAnnounce, callback: (error: Error | null, answer?: SwarmAnswer) => void): void {
    const key = params.type === 'ws' ? params.peer_id : `${params.ip} ${params.port}`
    try {
      if (params.event === 'stopped') this.leave(key, params.socket)
      else this.#enter(key, params)
    } catch (error) {
      callback(error as Error)
      return
    }
    const { elsewhere } = this.#books
    if (elsewhere === undefined || params.socket !== undefined)
      callback(null, { ...this.#sizes(), peers: this.#choose(params, key) })
    else void this.#answerWith(elsewhere, params, key, callback)
  }

  async #answerWith(
    elsewhere: PeersElsewhere,
    params: SwarmAnnounce,
    own: string,
    callback: (error: Error | null, answer?: SwarmAnswer) => void,
  ): Promise<void> {
    elsewhere.heard(params.info_hash, () => [...this.#peers.values()].filter(({ socket }) => socket === undefined))
    const others = (await elsewhere.peers(params.info_hash))
      .map((peer) => ({ ...peer, peerId: '' }))
      .filter(({ ip, port }) => !this.#peers.has(`${ip} ${port}`) && isNameable(ip, port))
    const { complete, incomplete } = this.#sizes()
    const completeElsewhere = others.filter((peer) => peer.complete).length
    const answer = {
      complete: complete + completeElsewhere,
      incomplete: incomplete + others.length - completeElsewhere,
      peers: this.#choose(params, own, others),
    }
    try {
      callback(null, answer)
    } catch (error) {
      // Nobody else would hear of it by now.
      callback(error as Error)
    }
  }

  scrape(_: unknown, callback: (error: null, counts: SwarmCounts) => void): void {
    callback(null, this.#sizes())
  }

  /** A peer over a WebSocket goes by that one alone. */
  leave(key: string, socket: TrackerSocket | undefined): void {
    const peer = this.#peers.get(key)
    if (peer !== undefined && peer.socket === socket) this.#remove(key, peer)
  }

  forgetUnheard(since: number): void {
    for (const [key, peer] of this.#peers)
      if (peer.socket === undefined && peer.heardAt < since) this.#remove(key, peer)
  }

  #sizes(): SwarmCounts {
    return { complete: this.#complete, incomplete: this.#peers.size - this.#complete }
  }

  #enter(key: string, params: SwarmAnnounce): void {
    const known = this.#peers.get(key)
    // Whose name it is stays with the connection that had it first: or else a stranger could take any peer's place.
    if (known !== undefined && known.socket !== params.socket)
      throw new TrackerRefusalError('malformed', 'another connection has this peer id')
    const { ip, port, peer_id: peerId, socket } = params
    if (socket === undefined && !isNameable(ip, port)) throw new TrackerRefusalError('malformed', 'invalid address')
    const network = networkOf(ip)
    if (known === undefined) this.#checkRoom(network)
    else this.#remove(key, known)
    const complete = params.left === 0
    const peer = { ip, network, port, peerId, complete, heardAt: this.#now(), ...(socket && { socket }) }
    this.#peers.set(key, peer)
    if (complete) this.#complete += 1
    this.#books.changed(1, peer)
  }

  #checkRoom(network: string): void {
    if (this.#books.isFull()) throw new TrackerRefusalError('full', 'the tracker has all the peers that it takes')
    let [ofAddress, oldest] = [0, undefined as string | undefined]
    for (const [key, peer] of this.#peers) {
      oldest ??= key
      if (peer.network === network) ofAddress += 1
    }
    const ofAddressInAll = this.#books.ofNetwork(network)
    if (ofAddress >= this.#limits.peersOfAddress || ofAddressInAll >= this.#limits.peersOfAddressInAll)
      throw new TrackerRefusalError('full', 'the tracker has all the peers that it takes from one address')
    const gives = oldest === undefined ? undefined : this.#peers.get(oldest)
    if (this.#peers.size >= this.#limits.peersOfTorrent && oldest !== undefined && gives !== undefined)
      this.#remove(oldest, gives)
  }

  #remove(key: string, peer: Peer): void {
    this.#peers.delete(key)
    if (peer.complete) this.#complete -= 1
    this.#books.changed(-1, peer)
  }

  /**
   * Peers that can be reached in the same way, at random; half of them have all of the torrent, where there are so many. Also
   * for who says to lack nothing: a client that has only a magnet link yet says so, too.
   */
  #choose({ numwant, socket }: SwarmAnnounce, own: string, others: readonly ChosenPeer[] = []): SwarmPeer[] {
    const wanted = Math.max(0, numwant)
    const here = [...this.#peers]
      .filter(([key, peer]) => key !== own && (peer.socket === undefined) === (socket === undefined))
      .map(([, peer]) => peer)
    const elsewhere = others.filter(({ ip, port }) => `${ip} ${port}` !== own)
    const all = [...here, ...elsewhere]
    const seeds = shuffled(all.filter(({ complete }) => complete))
    const rest = shuffled(all.filter(({ complete }) => !complete))
    const fromRest = Math.min(rest.length, Math.max(wanted - seeds.length, Math.floor(wanted / 2)))
    return [...seeds.slice(0, wanted - fromRest), ...rest.slice(0, fromRest)]
  }
}

/** Others are told of it in as many bytes as it has: what is no address cannot be told. */
function isNameable(ip: string, port: number): boolean {
  return isIP(ip) !== 0 && !ip.includes('%') && Number.isInteger(port) && port >= 1 && port <= 65_535
}

function shuffled<T>(values: readonly T[]): T[] {
  const all = [...values]
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1))
    ;[all[at], all[other]] = [all[other]!, all[at]!]
  }
  return all
}
