import { ArchiveError } from './errors.ts'

/** Bytes that are no bencoding. */
export class BencodeError extends ArchiveError {
  override readonly name = 'BencodeError'
  readonly positionBytes: number
  readonly problem: string

  constructor(positionBytes: number, problem: string) {
    super(`no valid bencoding: ${problem} at byte ${positionBytes}`)
    this.positionBytes = positionBytes
    this.problem = problem
  }
}

/** A torrent's info dictionary that is none of an archive torrent. */
export class TorrentInfoError extends ArchiveError {
  override readonly name = 'TorrentInfoError'
  readonly field: TorrentInfoField
  readonly problem: string

  constructor(field: TorrentInfoField, problem: string, options?: ErrorOptions) {
    super(`no torrent of a community's archives: ${field} ${problem}`, options)
    this.field = field
    this.problem = problem
  }
}

export type TorrentInfoField = 'info' | 'files' | 'data length' | 'index length' | 'name' | 'piece length' | 'pieces'

/** A torrent file that cannot be used. What is wrong inside `info` is a `TorrentInfoError`. */
export class TorrentFileError extends ArchiveError {
  override readonly name = 'TorrentFileError'
  readonly field: string
  readonly problem: string

  constructor(field: string, problem: string) {
    super(`no usable torrent file: ${field} ${problem}`)
    this.field = field
    this.problem = problem
  }
}

/** A text that is no magnet link of a torrent, or parts that make none. */
export class MagnetLinkError extends ArchiveError {
  override readonly name = 'MagnetLinkError'
  readonly part: 'scheme' | 'xt' | 'dn' | 'tr' | 'x.pe' | 'ws' | 'length'
  readonly problem: string

  constructor(part: MagnetLinkError['part'], problem: string) {
    super(`no usable magnet link: ${part} ${problem}`)
    this.part = part
    this.problem = problem
  }
}
