import { hash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { openClient } from './client/open-client.ts'
import type { DiskContext } from './disk/disk-context.ts'
import { FilePool } from './disk/file-pool.ts'
import { lockFolder } from './disk/lock-folder.ts'
import { DiskError } from './errors.ts'
import type { TorrentLog, TorrentNode, TorrentNodeOptions } from './torrent-node.ts'
import { AnnounceSockets } from './webrtc/announce-sockets.ts'
import { WebTorrentNode } from './webtorrent-node.ts'

const silent: TorrentLog = { debug: () => {}, warn: () => {} }

/**
 * Opens a node on a folder; resolves when it listens. Nothing is seeded until `seed` says so.
 * @throws TorrentNodeError if the folder is in use or the address cannot be listened on, DiskError
 */
export async function openTorrentNode(options: TorrentNodeOptions): Promise<TorrentNode> {
  const folder = resolve(options.folder)
  const log = options.log ?? silent
  const temporaryFolder = join(folder, '.unfinished')
  await using resources = new AsyncDisposableStack()
  try {
    await mkdir(folder, { recursive: true })
    resources.use(lockFolder(folder))
    await rm(temporaryFolder, { recursive: true, force: true })
    await mkdir(temporaryFolder)
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? new DiskError(folder, error) : error
  }
  const pool = resources.use(new FilePool(options.maxOpenFiles ?? 128))
  const sha1 = options.sha1 ?? ((bytes: Uint8Array) => hash('sha1', bytes, 'buffer'))
  const disk: DiskContext = { pool, temporaryFolder, sha1, log }
  const failure = new AbortController()
  const client = resources.use(await openClient(options, log, (error) => failure.abort(error)))
  const announceSockets = options.webRtc && resources.use(openAnnounceSockets(options, options.webRtc, log))
  return new WebTorrentNode(
    { ...options, folder },
    { client, disk, announceSockets, failure: failure.signal, resources: resources.move() },
  )
}

function openAnnounceSockets(
  { host }: TorrentNodeOptions,
  { iceServers = [], maxPeers = 100 }: NonNullable<TorrentNodeOptions['webRtc']>,
  log: TorrentLog,
): AnnounceSockets {
  return new AnnounceSockets({ host, iceServers, maxPeers }, log)
}
