/** What all errors of the reader are. `found` and the like are cut, since they come from outside. */
export abstract class ReaderError extends Error {}

/** A text that is neither a magnet link nor the address of a community. */
export class ReaderLinkError extends ReaderError {
  override readonly name = 'ReaderLinkError'
  readonly found: string
  readonly problem: string

  constructor(found: string, problem: string, options?: ErrorOptions) {
    super(
      `"${found.slice(0, 80)}" cannot be opened: ${problem}; paste a magnet link or the address of a community's public page`,
      options,
    )
    this.found = found.slice(0, 80)
    this.problem = problem
  }
}

/** What a community's address answered is not what it should. */
export class PublicLinkError extends ReaderError {
  override readonly name = 'PublicLinkError'
  readonly url: string
  /** The HTTP status; `undefined` where no answer came. */
  readonly status: number | undefined
  readonly problem: string

  constructor(url: string, status: number | undefined, problem: string, options?: ErrorOptions) {
    super(
      `${url}: ${problem}` +
        (status === 401 || status === 403 || status === 404
          ? '; the community is not public there, or its address was mistyped'
          : '; try it again later'),
      options,
    )
    this.url = url
    this.status = status
    this.problem = problem
  }
}

/** The announcement is not the community's own word on the torrent. Nothing is opened. */
export class AnnouncementRefusedError extends ReaderError {
  override readonly name = 'AnnouncementRefusedError'
  readonly communityId: string
  readonly problem: 'unreadable' | 'foreign-signer' | 'other-torrent'

  constructor(communityId: string, problem: AnnouncementRefusedError['problem'], options?: ErrorOptions) {
    const why = {
      unreadable: 'it is no signed announcement',
      'foreign-signer': 'another key signed it',
      'other-torrent': 'it announces another torrent than the link names',
    }[problem]
    super(
      `the announcement of community ${communityId} is refused: ${why}; do not trust where the link is from`,
      options,
    )
    this.communityId = communityId
    this.problem = problem
  }
}

/** The torrent's info dictionary is not what an archive's torrent may say. `cause` says in which. */
export class TorrentRefusedError extends ReaderError {
  override readonly name = 'TorrentRefusedError'
  readonly infoHash: string
  readonly reason: string

  constructor(infoHash: string, reason: string, options?: ErrorOptions) {
    super(`torrent ${infoHash} is refused: ${reason}; ask for another link`, options)
    this.infoHash = infoHash
    this.reason = reason
  }
}

/** The index of the torrent cannot be read. `cause` says why. */
export class IndexRefusedError extends ReaderError {
  override readonly name = 'IndexRefusedError'
  readonly infoHash: string

  constructor(infoHash: string, options: ErrorOptions) {
    super(
      `the index of torrent ${infoHash} cannot be read, although its pieces are the right ones; tell its owner`,
      options,
    )
    this.infoHash = infoHash
  }
}

export type FetchStep = 'info' | 'index' | 'week'

/** Nothing that is wanted came for a while. What came before is kept, so trying again goes on from there. */
export class FetchStalledError extends ReaderError {
  override readonly name = 'FetchStalledError'
  readonly infoHash: string
  readonly step: FetchStep
  readonly waitedSeconds: number
  readonly peers: number
  /** What went wrong last with each web seed, where something did. */
  readonly webSeedProblems: readonly string[]

  constructor(fields: Omit<FetchStalledError, keyof Error>) {
    const { infoHash, step, waitedSeconds, peers, webSeedProblems } = fields
    super(
      `nothing of the ${step} of torrent ${infoHash} came for ${waitedSeconds} s ` +
        `(${[`${peers} peers`, ...webSeedProblems].join('; ')}): keep the page open, or ask the owner whether a seeder is up`,
    )
    this.infoHash = infoHash
    this.step = step
    this.waitedSeconds = waitedSeconds
    this.peers = peers
    this.webSeedProblems = webSeedProblems
  }
}

/** There is no way to the torrent's bytes: neither trackers that a browser can talk to nor a web seed. */
export class NoSourceError extends ReaderError {
  override readonly name = 'NoSourceError'
  readonly infoHash: string

  constructor(infoHash: string) {
    super(
      `the link of torrent ${infoHash} names no WebSocket tracker (wss://) and no web seed, and a browser can use nothing else; ` +
        "ask for the community's public link",
    )
    this.infoHash = infoHash
  }
}

/** The browser keeps no more bytes for this page. */
export class StorageFullError extends ReaderError {
  override readonly name = 'StorageFullError'
  readonly keptBytes: number | undefined
  readonly wantedBytes: number

  constructor(keptBytes: number | undefined, wantedBytes: number, options?: ErrorOptions) {
    super(
      `no room to keep ${wantedBytes} bytes more` +
        (keptBytes === undefined ? '' : ` beside ${keptBytes} bytes`) +
        '; forget communities that are no longer read, or free space on the device',
      options,
    )
    this.keptBytes = keptBytes
    this.wantedBytes = wantedBytes
  }
}

/** The browser's storage did not do what was asked. Reading goes on without keeping anything. */
export class StorageError extends ReaderError {
  override readonly name = 'StorageError'
  readonly doing: string

  constructor(doing: string, options: ErrorOptions) {
    super(`the browser's storage failed while ${doing}: what is read now is not kept for the next visit`, options)
    this.doing = doing
  }
}

/** Pieces that are kept and no longer have their hash; they were dropped, and opening the week fetches them anew. */
export class PieceMissingError extends ReaderError {
  override readonly name = 'PieceMissingError'
  readonly infoHash: string
  readonly piece: number

  constructor(infoHash: string, piece: number) {
    super(`piece ${piece} of torrent ${infoHash} is not here; open the week again to fetch it`)
    this.infoHash = infoHash
    this.piece = piece
  }
}

/** A week that the index does not have, or that was not opened yet. */
export class UnknownWeekError extends ReaderError {
  override readonly name = 'UnknownWeekError'
  readonly weekId: string
  readonly problem: 'not-in-index' | 'not-open'

  constructor(weekId: string, problem: UnknownWeekError['problem']) {
    super(
      `week "${weekId.slice(0, 40)}" ` +
        (problem === 'not-open' ? 'is not open: open it first' : 'is not in the index'),
    )
    this.weekId = weekId.slice(0, 40)
    this.problem = problem
  }
}

/** A text or file with no usable group key. Nothing of it is in the error. */
export class GroupKeyTextError extends ReaderError {
  override readonly name = 'GroupKeyTextError'
  readonly problem: 'form' | 'other-community' | 'no-timestamp' | 'too-large'

  constructor(problem: GroupKeyTextError['problem']) {
    super(
      {
        form: 'this is no group key: 64 hex digits, HRKeys in hex, or the file that "annals group-keys export" writes',
        'other-community': 'these are the keys of another community',
        'no-timestamp': 'a bare key of 64 hex digits needs its timestamp in milliseconds beside it',
        'too-large': 'this is far too much for a file of group keys',
      }[problem],
    )
    this.problem = problem
  }
}

/** The reader was closed while something was under way. */
export class ReaderClosedError extends ReaderError {
  override readonly name = 'ReaderClosedError'

  constructor(options?: ErrorOptions) {
    super('the reader was closed; open the link again', options)
  }
}

/** The page is not in a secure context, where browsers offer no cryptography to pages. */
export class InsecureContextError extends ReaderError {
  override readonly name = 'InsecureContextError'

  constructor() {
    super('this browser offers no cryptography to this page: open it over https, or on the machine itself as localhost')
  }
}
