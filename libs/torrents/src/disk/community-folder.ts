import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pieceHashBytes } from '@annals/archive'
import { isInfoHash } from '../check-names.ts'
import { DiskError, TorrentMetadataError } from '../errors.ts'
import type { TorrentInfo } from '../torrent-info.ts'
import { readTorrentInfo } from '../torrent-info.ts'
import type { DiskContext } from './disk-context.ts'
import { HeldTorrent } from './held-torrent.ts'
import { Lineage } from './lineage.ts'
import { syncFolder, writeWholeFile } from './write-whole-file.ts'

/**
 * What the node's folder has of one community: its lineages in subfolders 0, 1, …, and in each the metadata of its
 * torrents (`<info hash>.info` and `<info hash>.trackers`). There is one lineage, unless the control node has rebuilt
 * its history: then the new history gets a subfolder of its own and the old one goes with its last torrent.
 *
 * The caller lets one method at a time run that changes the folder.
 */
export class CommunityFolder {
  readonly #communityId: string
  readonly #folder: string
  readonly #context: DiskContext
  #lineages: Lineage[] = []
  readonly #torrents = new Map<string, HeldTorrent>()

  private constructor(communityId: string, folder: string, context: DiskContext) {
    this.#communityId = communityId
    this.#folder = folder
    this.#context = context
  }

  /** Reads what is there; a community without a folder has nothing. @throws DiskError */
  static async load(root: string, communityId: string, context: DiskContext): Promise<CommunityFolder> {
    const community = new CommunityFolder(communityId, join(root, communityId), context)
    const names = await listFolder(community.#folder)
    for (const name of names.filter((name) => /^\d{1,6}$/.test(name)).sort((a, b) => Number(a) - Number(b))) {
      await community.#loadLineage(Number(name))
    }
    return community
  }

  get(infoHash: string): HeldTorrent | undefined {
    return this.#torrents.get(infoHash)
  }

  /**
   * Makes a torrent known, also after a restart: its metadata is kept in the lineage that agrees with it and has most of
   * it, or in a new one. For a known torrent only the trackers can change. @throws DiskError
   */
  async admit(info: TorrentInfo, trackers: readonly string[]): Promise<HeldTorrent> {
    const known = this.#torrents.get(info.infoHash)
    if (known && sameList(known.trackers, trackers)) return known
    const lineage = known?.lineage ?? (await this.#bestLineage(info)) ?? (await this.#newLineage())
    const path = join(lineage.folder, info.infoHash)
    const { temporaryFolder } = this.#context
    await writeWholeFile(temporaryFolder, `${path}.trackers`, Buffer.from(trackers.join('\n')))
    if (known) {
      known.trackers = trackers
      return known
    }
    // Last, as its presence makes the torrent count.
    await writeWholeFile(temporaryFolder, `${path}.info`, info.infoBytes)
    const torrent = await HeldTorrent.load(info, lineage, trackers, this.#context)
    this.#torrents.set(info.infoHash, torrent)
    return torrent
  }

  /** Deletes the torrent's own files, and its lineage if that was the last torrent of an old one. @throws DiskError */
  async forget(infoHash: string): Promise<void> {
    const torrent = this.#torrents.get(infoHash)
    if (!torrent) return
    this.#torrents.delete(infoHash)
    const path = join(torrent.lineage.folder, infoHash)
    await this.#context.pool.release(`${path}.index`)
    // The metadata first: without it the others mean nothing, and are deleted at the next load.
    for (const suffix of ['.info', '.index', '.trackers']) await remove(path + suffix)
    await this.dropOldLineages()
  }

  /** Deletes lineages without torrents, as long as another one has some. @throws DiskError */
  async dropOldLineages(): Promise<void> {
    const used = new Set([...this.#torrents.values()].map((torrent) => torrent.lineage))
    if (used.size === 0) return
    for (const lineage of this.#lineages.filter((lineage) => !used.has(lineage) && lineage.users === 0)) {
      this.#lineages = this.#lineages.filter((other) => other !== lineage)
      await this.#context.pool.release(lineage.folder)
      await removeFolder(lineage.folder, this.#context.temporaryFolder)
    }
  }

  /** Deletes everything of the community. @throws DiskError */
  async delete(): Promise<void> {
    this.#torrents.clear()
    this.#lineages = []
    await this.#context.pool.release(this.#folder)
    await removeFolder(this.#folder, this.#context.temporaryFolder)
  }

  async #loadLineage(number: number): Promise<void> {
    const folder = join(this.#folder, String(number))
    const lineage = await Lineage.load(folder, number, this.#context)
    this.#lineages.push(lineage)
    const names = await listFolder(folder)
    const known = new Set(names.filter((name) => name.endsWith('.info')).map((name) => name.slice(0, -5)))
    for (const infoHash of known) if (isInfoHash(infoHash)) await this.#loadTorrent(lineage, infoHash)
    for (const name of names) {
      const [infoHash = '', suffix] = name.split('.')
      if (isInfoHash(infoHash) && suffix !== 'info' && !known.has(infoHash)) await remove(join(folder, name))
    }
  }

  async #loadTorrent(lineage: Lineage, infoHash: string): Promise<void> {
    const path = join(lineage.folder, infoHash)
    try {
      const info = readTorrentInfo(
        await readFile(`${path}.info`),
        { communityId: this.#communityId, infoHash },
        this.#context.sha1,
      )
      const trackers = await readFile(`${path}.trackers`, 'utf8').catch(() => '')
      const list = trackers.split('\n').filter((line) => line !== '')
      this.#torrents.set(infoHash, await HeldTorrent.load(info, lineage, list, this.#context))
    } catch (error) {
      if (!(error instanceof TorrentMetadataError)) throw new DiskError(`${path}.info`, error)
      this.#context.log.warn({ path: `${path}.info`, reason: error.reason }, 'metadata is damaged and is deleted')
      await remove(`${path}.info`)
    }
  }

  async #bestLineage(info: TorrentInfo): Promise<Lineage | undefined> {
    let best: { lineage: Lineage; agreeing: number } | undefined
    for (const lineage of this.#lineages) {
      if (!this.#agreesWithTorrents(lineage, info)) continue
      const { agreeing, contradicts } = await lineage.compare(dataHashes(info))
      if (!contradicts && (!best || agreeing >= best.agreeing)) best = { lineage, agreeing }
    }
    return best?.lineage
  }

  /** Pieces that are not here yet count as well: two torrents of a lineage must never want a piece to differ. */
  #agreesWithTorrents(lineage: Lineage, info: TorrentInfo): boolean {
    for (const torrent of this.#torrents.values()) {
      if (torrent.lineage !== lineage) continue
      const pieces = Math.min(torrent.info.dataPieces, info.dataPieces)
      const ours = dataHashes(info).subarray(0, pieces * pieceHashBytes)
      const theirs = dataHashes(torrent.info).subarray(0, pieces * pieceHashBytes)
      if (Buffer.compare(ours, theirs) !== 0) return false
    }
    return true
  }

  async #newLineage(): Promise<Lineage> {
    const number = (this.#lineages.at(-1)?.number ?? -1) + 1
    const folder = join(this.#folder, String(number))
    try {
      await mkdir(folder, { recursive: true })
      await syncFolder(this.#folder)
    } catch (error) {
      throw new DiskError(folder, error)
    }
    if (number > 0) {
      this.#context.log.warn(
        { communityId: this.#communityId, folder },
        'the history was rebuilt: it begins a new folder',
      )
    }
    const lineage = await Lineage.load(folder, number, this.#context)
    this.#lineages.push(lineage)
    return lineage
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i])
}

function dataHashes(info: TorrentInfo): Uint8Array {
  return info.pieceHashes.subarray(0, info.dataPieces * pieceHashBytes)
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new DiskError(folder, error)
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { force: true })
  } catch (error) {
    throw new DiskError(path, error)
  }
}

/** Moved away first, so that a crash leaves a folder whole or not at all. */
async function removeFolder(folder: string, temporaryFolder: string): Promise<void> {
  const doomed = join(temporaryFolder, `deleted-${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}`)
  try {
    await rename(folder, doomed)
    await rm(doomed, { recursive: true, force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new DiskError(folder, error)
  }
}
