import type { SwarmAnnounce, TrackerSwarm } from 'bittorrent-tracker'
import { Server } from 'bittorrent-tracker'
import type { Swarms } from './swarms.ts'
import { TrackerRefusalError } from './tracker-errors.ts'
import type { TrackerRefusal } from './tracker-limits.ts'

interface CoreParts {
  readonly swarms: Swarms
  readonly announceSeconds: number
  readonly knows: (infoHash: string) => boolean
  readonly onRefused: (reason: TrackerRefusal) => void
}

/**
 * The tracker's words on all three ways, as bittorrent-tracker has them, over peers that are kept within bounds and for
 * torrents that are known. It listens nowhere by itself: what comes in is looked at first.
 */
export class TrackerCore extends Server {
  readonly #swarms: Swarms

  constructor({ swarms, announceSeconds, knows, onRefused }: CoreParts) {
    super({
      http: false,
      udp: false,
      ws: false,
      stats: false,
      interval: announceSeconds * 1000,
      filter: (infoHash: string, _: SwarmAnnounce, callback: (error: Error | null) => void) =>
        callback(knows(infoHash) ? null : new TrackerRefusalError('foreign', 'this torrent is not known here')),
    })
    this.#swarms = swarms
    // What a client sends wrongly is told to that client; it is no trouble of the tracker's.
    this.on('warning', (error: Error) => onRefused(error instanceof TrackerRefusalError ? error.reason : 'malformed'))
  }

  override getSwarm(infoHash: string, callback: (error: null, swarm?: TrackerSwarm) => void): void {
    callback(null, this.#swarms.get(infoHash))
  }

  override createSwarm(infoHash: string, callback: (error: null, swarm: TrackerSwarm) => void): void {
    callback(null, this.#swarms.open(infoHash))
  }
}
