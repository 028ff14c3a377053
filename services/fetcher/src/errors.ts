import { ArchiveError } from '@annals/archive'
import { TorrentMetadataError } from '@annals/torrents'

/** The torrent's index names no archive that can be used. */
export class UnusableIndexError extends Error {
  override readonly name = 'UnusableIndexError'
  readonly communityId: string
  readonly indexBytes: number

  constructor(communityId: string, indexBytes: number, options?: ErrorOptions) {
    super(
      `the index of ${communityId} (${indexBytes} bytes) names no usable archive; ask its control node to announce again`,
      options,
    )
    this.communityId = communityId
    this.indexBytes = indexBytes
  }
}

/** True for what stays as it is however often it is tried: the announced torrent itself is at fault. */
export function isLasting(error: unknown): boolean {
  return error instanceof UnusableIndexError || error instanceof ArchiveError || error instanceof TorrentMetadataError
}

/** Control of the community was taken over while it was being fetched. What was fetched changes nothing any more. */
export class ControlTakenMeanwhileError extends Error {
  override readonly name = 'ControlTakenMeanwhileError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`this installation controls community ${communityId} by now, and fetches nothing for it`)
    this.communityId = communityId
  }
}
