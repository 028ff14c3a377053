import type { TorrentLog } from '../torrent-node.ts'
import type { FilePool } from './file-pool.ts'

/** What everything that touches the disk works with. */
export interface DiskContext {
  readonly pool: FilePool
  /** On the same file system as the communities' folders; emptied at each start. */
  readonly temporaryFolder: string
  readonly sha1: (bytes: Uint8Array) => Uint8Array
  readonly log: TorrentLog
}
