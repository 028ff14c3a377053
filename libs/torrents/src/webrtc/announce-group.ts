import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { TorrentLog } from '../torrent-node.ts'
import { AnnounceSocket } from './announce-socket.ts'
import type { AnnouncedTorrent } from './announce-socket.ts'
import type { RtcPeers } from './rtc-peers.ts'

export type LookUp = (host: string) => Promise<readonly LookupAddress[]>

const lookMilliseconds = 30_000
const maxAddresses = 10

/**
 * One tracker by its URL. Without TLS it may be several processes behind one name, as gateways in a cluster are, each of which
 * knows its own peers: then there is a connection to every address that the name has.
 */
export class AnnounceGroup {
  readonly #url: string
  readonly #peers: RtcPeers
  readonly #log: TorrentLog
  readonly #lookUp: LookUp
  readonly #torrents = new Map<string, AnnouncedTorrent>()
  /** By address. */
  readonly #sockets = new Map<string, AnnounceSocket>()
  readonly #look: NodeJS.Timeout | undefined
  #closed = false

  constructor(
    url: string,
    {
      peers,
      log,
      lookUp = lookUpAll,
    }: { readonly peers: RtcPeers; readonly log: TorrentLog; readonly lookUp?: LookUp },
  ) {
    this.#url = url
    this.#peers = peers
    this.#log = log
    this.#lookUp = lookUp
    const { protocol, hostname } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, '')
    if (protocol === 'ws:' && isIP(host) === 0) {
      this.#look = setInterval(() => void this.#follow(host), lookMilliseconds)
      this.#look.unref()
      void this.#follow(host)
    } else this.#open('')
  }

  get size(): number {
    return this.#torrents.size
  }

  add(torrent: AnnouncedTorrent): void {
    this.#torrents.set(torrent.infoHash, torrent)
    for (const socket of this.#sockets.values()) socket.add(torrent)
  }

  remove(infoHash: string): void {
    this.#torrents.delete(infoHash)
    for (const socket of this.#sockets.values()) socket.remove(infoHash)
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#look)
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  async #follow(host: string): Promise<void> {
    let addresses: readonly LookupAddress[]
    try {
      addresses = (await this.#lookUp(host)).slice(0, maxAddresses)
    } catch (error) {
      this.#log.debug({ host, error: String(error) }, 'a tracker has no address now')
      return
    }
    if (this.#closed) return
    for (const [address, socket] of this.#sockets) {
      if (addresses.some((each) => each.address === address)) continue
      this.#sockets.delete(address)
      socket.close()
    }
    for (const each of addresses) if (!this.#sockets.has(each.address)) this.#open(each.address, each)
  }

  #open(key: string, address?: LookupAddress): void {
    const socket = new AnnounceSocket({ url: this.#url, ...(address && { address }) }, this.#peers, this.#log)
    this.#sockets.set(key, socket)
    for (const torrent of this.#torrents.values()) socket.add(torrent)
  }
}

function lookUpAll(host: string): Promise<LookupAddress[]> {
  return lookup(host, { all: true })
}
