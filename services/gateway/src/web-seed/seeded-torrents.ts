import { isCommunityIdText } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import { catalogues, seedings } from '@annals/storage'
import { SeedBusyError } from './seed-errors.ts'
import type { SeedFile } from './seed-file.ts'
import { makeSeedFile } from './seed-file.ts'

/** How long what was looked up counts. */
const keepMilliseconds = 10_000

/** How long it counts for who asks for what was not there: a torrent that was just sealed is asked for at once. */
const missMilliseconds = 1_000

/** Segments that are remembered, of all communities together: some 25 MB. Each community counts for one more. */
const defaultMaxRemembered = 100_000

/** Look-ups in the database at once; so many others wait. */
const maxLooking = 8
const maxWaiting = 1_000

interface SeededTorrent {
  /** By name. */
  readonly files: ReadonlyMap<string, SeedFile>
  /** Of the info dictionary; kept of the newest torrent alone. */
  readonly infoBlob?: string
}

/** By info hash. */
type Torrents = ReadonlyMap<string, SeededTorrent>

interface Remembered {
  readonly torrents: Promise<Torrents>
  readonly since: number
  /** What it counts for. */
  weight: number
}

/**
 * The files that this installation serves, by community, info hash and name: those of each community's newest torrent while it
 * is seeded, and of the one before. What is looked up is remembered for some seconds, also that there is nothing, within
 * a bound: whoever asks for much that is not there, or for one thing often, costs few look-ups.
 */
export class SeededTorrents {
  readonly #context: Pick<ServiceContext, 'state'>
  readonly #now: () => number
  readonly #maxRemembered: number
  /** Whatever was asked for longest ago comes first. */
  readonly #remembered = new Map<string, Remembered>()
  #weight = 0
  #looking = 0
  readonly #waiting: (() => void)[] = []

  /** @param now milliseconds that only grow */
  constructor(
    context: Pick<ServiceContext, 'state'>,
    { now = (): number => performance.now(), maxRemembered = defaultMaxRemembered } = {},
  ) {
    this.#context = context
    this.#now = now
    this.#maxRemembered = maxRemembered
  }

  /** @throws SeedBusyError */
  async find(communityId: string, infoHash: string, name: string): Promise<SeedFile | undefined> {
    return (await this.#torrent(communityId, infoHash))?.files.get(name)
  }

  /** The blob of a newest torrent's info dictionary, for who has nobody to ask for it. */
  async findInfo(communityId: string, infoHash: string): Promise<string | undefined> {
    return (await this.#torrent(communityId, infoHash))?.infoBlob
  }

  /** For tests: how much is remembered. */
  get weight(): number {
    return this.#weight
  }

  async #torrent(communityId: string, infoHash: string): Promise<SeededTorrent | undefined> {
    if (!isCommunityIdText(communityId) || !/^[0-9a-f]{40}$/.test(infoHash)) return undefined
    const known = (await this.#torrentsOf(communityId, keepMilliseconds)).get(infoHash)
    return known ?? (await this.#torrentsOf(communityId, missMilliseconds)).get(infoHash)
  }

  /** @param milliseconds what was looked up longer ago is looked up anew */
  #torrentsOf(communityId: string, milliseconds: number): Promise<Torrents> {
    const known = this.#remembered.get(communityId)
    if (known !== undefined && this.#now() < known.since + milliseconds) return known.torrents
    this.#forget(communityId)
    const torrents = this.#lookUp(communityId)
    const remembered: Remembered = { torrents, since: this.#now(), weight: 1 }
    this.#remembered.set(communityId, remembered)
    this.#weight += 1
    torrents.then(
      (found) => this.#weigh(communityId, remembered, found),
      () => this.#remembered.get(communityId) === remembered && this.#forget(communityId),
    )
    return torrents
  }

  #weigh(communityId: string, remembered: Remembered, found: Torrents): void {
    if (this.#remembered.get(communityId) !== remembered) return
    const segments = [...found.values()].flatMap(({ files }) => [...files.values()].map((file) => file.segments.length))
    const weight = segments.reduce((sum, count) => sum + count, 0)
    remembered.weight += weight
    this.#weight += weight
    for (const oldest of this.#remembered.keys()) {
      if (this.#weight <= this.#maxRemembered) return
      this.#forget(oldest)
    }
  }

  #forget(communityId: string): void {
    this.#weight -= this.#remembered.get(communityId)?.weight ?? 0
    this.#remembered.delete(communityId)
  }

  async #lookUp(communityId: string): Promise<Torrents> {
    if (this.#waiting.length >= maxWaiting) throw new SeedBusyError()
    if (this.#looking >= maxLooking) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#looking += 1
    try {
      const { state } = this.#context
      const seeding = await state.collection(seedings).get(communityId)
      if (seeding?.value.current === undefined) return new Map()
      return torrentsIn((await state.collection(catalogues).get(communityId))?.value)
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift()
      if (next === undefined) this.#looking -= 1
      else next()
    }
  }
}

function torrentsIn(catalogue: Catalogue | undefined): Torrents {
  const torrents = new Map<string, SeededTorrent>()
  if (catalogue?.torrent === undefined) return torrents
  const { archives, fillers = [], torrent, previous } = catalogue
  const data = makeSeedFile([...archives, ...fillers.map((filler) => ({ ...filler, paddingBytes: 0 }))])
  if (data === undefined) return torrents
  // Of what was sealed the data is only ever added to: the one before has the first bytes of it.
  if (previous !== undefined && previous.dataBytes <= data.sizeBytes)
    torrents.set(previous.infoHash, { files: filesOf({ ...data, sizeBytes: previous.dataBytes }, previous) })
  torrents.set(torrent.infoHash, { files: filesOf(data, torrent), infoBlob: torrent.infoBlob })
  return torrents
}

function filesOf(
  data: SeedFile,
  { indexBlob: blob, indexBytes: sizeBytes }: { readonly indexBlob: string; readonly indexBytes: number },
): ReadonlyMap<string, SeedFile> {
  const index = makeSeedFile([{ blob, offsetBytes: 0, sizeBytes, paddingBytes: 0 }])
  return new Map([['data', data], ...(index === undefined ? [] : [['index', index] as const])])
}
