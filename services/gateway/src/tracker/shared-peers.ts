import { randomUUID } from 'node:crypto'
import type { PeersElsewhere, TrackerPeer } from '@annals/torrents/tracker'
import type { ServiceContext } from '@annals/service'
import { pause } from '@annals/service'
import type { TrackerPeers } from '@annals/storage'
import { VersionConflictError, trackerPeers } from '@annals/storage'

/** Torrents of one writing; the others come with the next one. */
const maxWritten = 200
/** Peers of a torrent that are told to other gateways. */
const maxPeers = 50
/** What has not changed is written again after so long: it is still true. */
const renewSeconds = 300
/** What was written longer ago counts for nothing, as a peer does that was not heard of for so long. */
const oldSeconds = 1_500
/** Of so many torrents it is remembered what others wrote. */
const maxRemembered = 10_000
/** Look-ups at once; who comes meanwhile is told of what came here. */
const maxLooking = 8

interface Told {
  readonly text: string
  readonly atSeconds: number
  readonly version: number
}

interface Heard {
  readonly peers: readonly TrackerPeer[]
  readonly since: number
}

interface SharedTimes {
  /** Between two writings. */
  readonly flushMilliseconds: number
  /** How long what others wrote is remembered. */
  readonly keepMilliseconds: number
}

const usualTimes: SharedTimes = { flushMilliseconds: 1_000, keepMilliseconds: 5_000 }

type SharedContext = Pick<ServiceContext, 'state' | 'log'>

/**
 * Peers over HTTP and UDP that came to other gateways, by way of the state: each writes the ones that came to it into rows of
 * its own, and reads those of the others when it is asked. Where the state is away everybody is told of what came here.
 */
export class SharedPeers implements PeersElsewhere, Disposable {
  readonly #context: SharedContext
  readonly #times: SharedTimes
  /** Another one after each start: what the process wrote before is read as another's. */
  readonly #name = randomUUID()
  readonly #stop = new AbortController()
  readonly #told = new Map<string, Told>()
  readonly #news = new Map<string, () => readonly TrackerPeer[]>()
  readonly #heard = new Map<string, Heard>()
  #looking = 0

  constructor(context: SharedContext, times = usualTimes) {
    this.#context = context
    this.#times = times
    void this.#writeAgainAndAgain()
    void this.#forgetOld()
  }

  heard(infoHash: string, peers: () => readonly TrackerPeer[]): void {
    this.#news.set(infoHash, peers)
  }

  async peers(infoHash: string): Promise<readonly TrackerPeer[]> {
    const known = this.#heard.get(infoHash)
    if (known !== undefined && performance.now() < known.since + this.#times.keepMilliseconds) return known.peers
    if (this.#looking >= maxLooking) return known?.peers ?? []
    this.#looking += 1
    try {
      const peers = await this.#lookUp(infoHash)
      this.#heard.delete(infoHash)
      this.#heard.set(infoHash, { peers, since: performance.now() })
      const [oldest = ''] = this.#heard.keys()
      if (this.#heard.size > maxRemembered) this.#heard.delete(oldest)
      return peers
    } catch (error) {
      this.#context.log.debug({ err: error }, 'the peers that came to other gateways cannot be read')
      return known?.peers ?? []
    } finally {
      this.#looking -= 1
    }
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
  }

  async #lookUp(infoHash: string): Promise<TrackerPeer[]> {
    const rows = this.#context.state.collection(trackerPeers)
    const found: TrackerPeer[] = []
    for await (const { id, value } of rows.list({ prefix: `${infoHash}/` }))
      if (id !== this.#id(infoHash) && !isOld(value)) found.push(...value.peers)
    return found
  }

  async #writeAgainAndAgain(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await pause(this.#times.flushMilliseconds, signal)
      try {
        await this.#write()
      } catch (error) {
        this.#context.log.debug({ err: error }, 'other gateways cannot be told of peers; trying again')
      }
    }
  }

  async #write(): Promise<void> {
    const changed: { infoHash: string; value: TrackerPeers; text: string }[] = []
    for (const [infoHash, peersOf] of this.#news) {
      if (changed.length === maxWritten) break
      this.#news.delete(infoHash)
      const peers = peersOf().slice(-maxPeers)
      const [text, told, now] = [textOf(peers), this.#told.get(infoHash), nowSeconds()]
      if (told?.text === text && now < told.atSeconds + renewSeconds) continue
      changed.push({ infoHash, text, value: { peers: [...peers], writtenAt: now } })
    }
    if (changed.length === 0) return
    const rows = this.#context.state.collection(trackerPeers)
    const outcomes = await rows.putMany(
      changed.map(({ infoHash, value }) => ({
        id: this.#id(infoHash),
        value,
        expectedVersion: this.#told.get(infoHash)?.version ?? 0,
      })),
    )
    for (const [at, { infoHash, text, value }] of changed.entries()) {
      const outcome = outcomes[at]
      // Somebody took the row for an old one, or an answer was lost: it is written under the version that it has.
      if (outcome === undefined || outcome instanceof VersionConflictError) await this.#findVersion(infoHash)
      else this.#told.set(infoHash, { text, atSeconds: value.writtenAt, version: outcome.version })
    }
  }

  async #findVersion(infoHash: string): Promise<void> {
    const row = await this.#context.state.collection(trackerPeers).get(this.#id(infoHash))
    if (row === undefined) this.#told.delete(infoHash)
    else this.#told.set(infoHash, { text: '', atSeconds: 0, version: row.version })
  }

  /** Rows of processes that are gone, and of torrents that nobody announces any more. */
  async #forgetOld(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        const rows = this.#context.state.collection(trackerPeers)
        for await (const { id, value, version } of rows.list()) if (isOld(value)) await rows.delete(id, version)
        for (const [infoHash, { atSeconds }] of this.#told)
          if (atSeconds < nowSeconds() - oldSeconds) this.#told.delete(infoHash)
      } catch (error) {
        // Another gateway forgets them as well, or the state is away.
        this.#context.log.debug({ err: error }, 'old peers of trackers are not forgotten yet')
      }
      await pause(renewSeconds * 1000, signal)
    }
  }

  #id(infoHash: string): string {
    return `${infoHash}/${this.#name}`
  }
}

function textOf(peers: readonly TrackerPeer[]): string {
  return peers
    .map(({ ip, port, complete }) => `${ip} ${port} ${complete}`)
    .toSorted()
    .join()
}

function isOld({ writtenAt }: TrackerPeers): boolean {
  return writtenAt < nowSeconds() - oldSeconds
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
