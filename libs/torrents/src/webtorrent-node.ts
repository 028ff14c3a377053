import { decodeMagnetLink, indexPieceHashes, type MagnetLink, pieceLengthBytes } from '@annals/archive'
import { checkCommunityId, checkInfoHash } from './check-names.ts'
import { fetchMetadata } from './client/fetch-metadata.ts'
import { LiveTorrent } from './client/live-torrent.ts'
import type { OpenClient } from './client/open-client.ts'
import { WebTorrentFetch } from './client/torrent-fetch.ts'
import { CommunityFolder } from './disk/community-folder.ts'
import type { DiskContext } from './disk/disk-context.ts'
import type { HeldTorrent } from './disk/held-torrent.ts'
import { storeArchive } from './disk/store-archive.ts'
import { ArchiveRangeError, FetchAbortedError, NotHeldError, PieceMismatchError, TorrentNodeError } from './errors.ts'
import { KeyedMutex } from './keyed-mutex.ts'
import type { AnnounceSockets } from './webrtc/announce-sockets.ts'
import type { TorrentInfo } from './torrent-info.ts'
import { checkSizes, pieceHash, readTorrentInfo } from './torrent-info.ts'
import type {
  ArchiveBytes,
  FetchRequest,
  SeededTorrent,
  StoredTorrent,
  TorrentFetch,
  TorrentNode,
  TorrentNodeOptions,
} from './torrent-node.ts'

interface Parts {
  readonly client: OpenClient
  readonly disk: DiskContext
  /** Where browsers are taken as peers. */
  readonly announceSockets: AnnounceSockets | undefined
  /** Aborts if the client fails. */
  readonly failure: AbortSignal
  /** Everything that is to be closed at the end. */
  readonly resources: AsyncDisposable
}

/** A fetch from its very beginning to its disposal. */
interface Fetching {
  readonly communityId: string
  readonly infoHash: string
  readonly stop: AbortController
}

/** The node over WebTorrent. See `TorrentNode` for what it promises. */
export class WebTorrentNode implements TorrentNode {
  readonly address: { readonly host: string; readonly port: number }

  readonly #options: TorrentNodeOptions
  readonly #parts: Parts
  readonly #closing = new AbortController()
  readonly #communities = new Map<string, Promise<CommunityFolder>>()
  readonly #live = new Map<string, LiveTorrent>()
  readonly #fetching = new Set<Fetching>()
  readonly #working = new Set<Promise<unknown>>()
  /** By community id: what changes a community's folder. */
  readonly #folderMutex = new KeyedMutex()
  /** By info hash: what adds a torrent to the client or takes it out. */
  readonly #torrentMutex = new KeyedMutex()
  #closed: Promise<void> | undefined

  constructor(options: TorrentNodeOptions, parts: Parts) {
    this.#options = options
    this.#parts = parts
    this.address = { host: options.host, port: parts.client.port }
  }

  store(torrent: StoredTorrent, archives: Iterable<ArchiveBytes>, index: Uint8Array): Promise<void> {
    return this.#work(async () => {
      checkCommunityId(torrent.communityId)
      checkInfoHash(torrent.infoHash)
      const { sha1 } = this.#parts.disk
      const info = readTorrentInfo(torrent.infoBytes, torrent, sha1)
      checkIndex(info, index, sha1)
      const held = await this.#inFolder(torrent.communityId, (folder) => folder.admit(info, torrent.trackers))
      held.lineage.users += 1
      try {
        for (const archive of archives) await storeArchive(held, archive, { sha1, signal: this.#closing.signal })
        const [gap] = held.missing(0, info.dataPieces)
        if (gap !== undefined) {
          const reason = 'no archive was handed over for them'
          throw new ArchiveRangeError(info.communityId, info.infoHash, gap * pieceLengthBytes, pieceLengthBytes, reason)
        }
        if (!held.indexHeld) await held.writeIndex(index)
        await held.lineage.sync()
      } finally {
        held.lineage.users -= 1
      }
    })
  }

  holds(communityId: string, infoHash: string): Promise<boolean> {
    return this.#work(async () => (await this.#find(communityId, infoHash))?.isComplete() ?? false)
  }

  seed(communityId: string, infoHash: string): Promise<void> {
    return this.#work(async () => {
      await this.#torrentMutex.run(infoHash, async () => {
        const held = await this.#find(communityId, infoHash)
        if (!held) throw new NotHeldError(communityId, infoHash, undefined)
        if (!held.isComplete()) throw new NotHeldError(communityId, infoHash, held.missing().length)
        const live = await this.#liveTorrent(held)
        live.seeded = true
      })
      await this.#inFolder(communityId, (folder) => folder.dropOldLineages())
    })
  }

  unseed(communityId: string, infoHash: string): Promise<void> {
    return this.#work(async () => {
      const held = await this.#find(communityId, infoHash)
      if (held) await this.#forget(held)
    })
  }

  seeding(): SeededTorrent[] {
    return [...this.#live.values()]
      .filter((live) => live.seeded && !live.destroyed)
      .map((live) => ({
        communityId: live.held.info.communityId,
        infoHash: live.held.info.infoHash,
        uploadedBytes: live.uploadedBytes,
        peers: live.peers,
      }))
  }

  fetch(request: FetchRequest): Promise<TorrentFetch> {
    return this.#work(async () => {
      const { communityId } = request
      checkCommunityId(communityId)
      const link = decodeMagnetLink(request.magnetLink)
      const stop = new AbortController()
      const signal = AbortSignal.any([request.signal, stop.signal, this.#closing.signal, this.#parts.failure])
      const fetching = { communityId, infoHash: link.infoHash, stop }
      this.#fetching.add(fetching)
      try {
        const begin = (): Promise<TorrentFetch> => this.#begin(request, link, signal, fetching)
        return await this.#torrentMutex.run(link.infoHash, begin, signal)
      } catch (error) {
        this.#fetching.delete(fetching)
        if (!signal.aborted || error instanceof FetchAbortedError) throw error
        throw new FetchAbortedError(communityId, link.infoHash, { cause: error })
      }
    })
  }

  deleteCommunity(communityId: string): Promise<void> {
    return this.#work(async () => {
      checkCommunityId(communityId)
      this.#stopFetching((fetching) => fetching.communityId === communityId)
      for (const live of this.#live.values()) {
        if (live.held.info.communityId === communityId) await this.#forget(live.held)
      }
      await this.#inFolder(communityId, (folder) => folder.delete())
      this.#communities.delete(communityId)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    await this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort(new TorrentNodeError('the node was closed'))
    await Promise.allSettled(this.#working)
    await this.#parts.resources[Symbol.asyncDispose]()
  }

  /** Everything public goes through here, so that the end waits for what is under way and nothing begins after it. */
  async #work<T>(work: () => Promise<T>): Promise<T> {
    this.#closing.signal.throwIfAborted()
    this.#parts.failure.throwIfAborted()
    const working = work()
    this.#working.add(working)
    try {
      return await working
    } finally {
      this.#working.delete(working)
    }
  }

  async #begin(
    request: FetchRequest,
    link: MagnetLink,
    signal: AbortSignal,
    fetching: Fetching,
  ): Promise<TorrentFetch> {
    const { communityId, limits } = request
    const { infoHash } = link
    let peers = [...link.peers, ...(request.peers ?? [])]
    let held = await this.#find(communityId, infoHash)
    if (held) checkSizes(held.info, limits)
    else {
      const { sha1, log } = this.#parts.disk
      const { metadataSeconds } = limits
      const wanted = { communityId, infoHash, trackers: this.#trackers(link.trackers), peers, metadataSeconds, signal }
      const metadata = await fetchMetadata(this.#parts.client.client, wanted, sha1, log)
      peers = [...metadata.peers]
      const info = readTorrentInfo(metadata.infoBytes, { communityId, infoHash }, sha1, limits)
      held = await this.#inFolder(communityId, (folder) => {
        signal.throwIfAborted()
        return folder.admit(info, link.trackers)
      })
    }
    const { lineage } = held
    lineage.users += 1
    try {
      const live = await this.#liveTorrent(held)
      live.addPeers(peers)
      return new WebTorrentFetch(live, request, signal, async () => {
        this.#fetching.delete(fetching)
        lineage.users -= 1
        await this.#torrentMutex.run(infoHash, () => this.#removeIfUnused(live))
      })
    } catch (error) {
      lineage.users -= 1
      throw error
    }
  }

  /** In the client, and nothing of it twice. The caller holds the torrent's mutex. */
  async #liveTorrent(held: HeldTorrent): Promise<LiveTorrent> {
    const { infoHash, communityId } = held.info
    const known = this.#live.get(infoHash)
    if (known && !known.destroyed) return known
    const { client, disk } = this.#parts
    const live = new LiveTorrent(client.client, held, this.#trackers(held.trackers), disk.log)
    this.#live.set(infoHash, live)
    try {
      await live.ready()
    } catch (cause) {
      this.#live.delete(infoHash)
      await live.remove()
      throw new TorrentNodeError(`torrent ${infoHash} of community ${communityId} cannot be served`, { cause })
    }
    const browsersAsk = {
      infoHash,
      isComplete: () => held.isComplete(),
      takePeer: (peer: object) => live.takePeer(peer),
    }
    // The operator's own come first: of those that others name only so many count.
    const trackers = [...(this.#options.trackers ?? []), ...held.trackers]
    this.#parts.announceSockets?.add(browsersAsk, [...new Set(trackers)])
    return live
  }

  async #removeIfUnused(live: LiveTorrent): Promise<void> {
    if (live.seeded || live.fetchers > 0) return
    const { infoHash } = live.held.info
    if (this.#live.get(infoHash) === live) {
      this.#live.delete(infoHash)
      this.#parts.announceSockets?.remove(infoHash)
    }
    await live.remove()
  }

  async #forget({ info }: HeldTorrent): Promise<void> {
    const { communityId, infoHash } = info
    this.#stopFetching((fetching) => fetching.infoHash === infoHash)
    await this.#torrentMutex.run(infoHash, async () => {
      const live = this.#live.get(infoHash)
      this.#live.delete(infoHash)
      this.#parts.announceSockets?.remove(infoHash)
      await live?.remove()
      await this.#inFolder(communityId, (folder) => folder.forget(infoHash))
    })
  }

  #stopFetching(which: (fetching: Fetching) => boolean): void {
    for (const fetching of this.#fetching) {
      if (which(fetching)) fetching.stop.abort(new Error('the torrent is no longer wanted'))
    }
  }

  async #find(communityId: string, infoHash: string): Promise<HeldTorrent | undefined> {
    checkCommunityId(communityId)
    checkInfoHash(infoHash)
    return (await this.#folder(communityId)).get(infoHash)
  }

  #folder(communityId: string): Promise<CommunityFolder> {
    let folder = this.#communities.get(communityId)
    if (!folder) {
      folder = CommunityFolder.load(this.#options.folder, communityId, this.#parts.disk)
      this.#communities.set(communityId, folder)
      // What could not be read now may be read later.
      folder.catch(() => this.#communities.delete(communityId))
    }
    return folder
  }

  #inFolder<T>(communityId: string, work: (folder: CommunityFolder) => Promise<T>): Promise<T> {
    return this.#folderMutex.run(communityId, async () => work(await this.#folder(communityId)))
  }

  /** Those that WebTorrent asks: trackers over WebSocket only know browsers, and these have connections of their own. */
  #trackers(own: readonly string[]): string[] {
    const all = [...own, ...(this.#options.trackers ?? [])]
    return [...new Set(all)].filter((tracker) => !/^wss?:/i.test(tracker))
  }
}

/** The index handed over must be the one the torrent was made of. */
function checkIndex(info: TorrentInfo, index: Uint8Array, sha1: (bytes: Uint8Array) => Uint8Array): void {
  const hashes = indexPieceHashes(index, sha1)
  for (let piece = info.dataPieces; piece < info.pieceCount; piece += 1) {
    const found = pieceHash(hashes, piece - info.dataPieces)
    const isLast = piece === info.pieceCount - 1
    if (
      Buffer.compare(found, pieceHash(info.pieceHashes, piece)) === 0 &&
      !(isLast && index.length !== info.indexBytes)
    )
      continue
    throw new PieceMismatchError(info.communityId, info.infoHash, piece, undefined)
  }
}
