import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { answerHttp } from './http-desk.ts'
import type { HttpQuestion } from './http-desk.ts'
import type { PeersElsewhere } from './peers-elsewhere.ts'
import { SocketDesk } from './socket-desk.ts'
import { Swarms } from './swarms.ts'
import type { PeerCounts } from './swarms.ts'
import { TrackerCore } from './tracker-core.ts'
import { defaultTrackerLimits } from './tracker-limits.ts'
import type { TrackerLimits, TrackerRefusal } from './tracker-limits.ts'
import { openUdpDesk } from './udp-desk.ts'

export interface TrackerDeskOptions {
  /** Whether peers of a torrent, by its info hash in hex, may find each other here. Asked for every announcement. */
  readonly knows: (infoHash: string) => boolean
  /** How often clients are told to announce again; browsers five times as often. */
  readonly announceSeconds?: number
  readonly limits?: Partial<TrackerLimits>
  /** Where peers over HTTP and UDP are told of those that came to other trackers. */
  readonly elsewhere?: PeersElsewhere
  /** Hears of everything that is refused. */
  readonly onRefused?: (reason: TrackerRefusal) => void
  /** Milliseconds that only grow. */
  readonly now?: () => number
}

/**
 * A tracker on somebody else's HTTP server. What it knows is in memory and gone with it; peers announce again. Disposing it
 * ends all WebSockets, and UDP.
 */
export interface TrackerDesk extends AsyncDisposable {
  /** The body of the answer. */
  answerHttp(question: HttpQuestion): Promise<Uint8Array>
  /** Takes over a connection that is to become a WebSocket. @param address of whoever is at its other end */
  takeSocket(request: IncomingMessage, connection: Duplex, head: Buffer, address: string): void
  /** @throws the system's error */
  listenUdp(at: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>
  readonly peers: PeerCounts
  readonly torrents: number
  readonly sockets: number
}

const sweepMilliseconds = 30_000

export function openTrackerDesk(options: TrackerDeskOptions): TrackerDesk {
  const { knows, announceSeconds = 600, onRefused = () => {}, now = () => performance.now() } = options
  const limits = { ...defaultTrackerLimits, ...options.limits }
  // Who has missed two announcements is gone.
  const swarms = new Swarms(limits, announceSeconds * 2_500, now, options.elsewhere)
  const core = new TrackerCore({ swarms, announceSeconds, knows, onRefused })
  const sockets = new SocketDesk({ core, swarms, limits, now })
  const sweep = setInterval(() => swarms.sweep(), sweepMilliseconds)
  sweep.unref()
  const stack = new AsyncDisposableStack()
  stack.defer(() => new Promise<void>((resolve) => core.close(resolve)))
  stack.use(sockets)
  stack.defer(() => clearInterval(sweep))
  return {
    answerHttp: (question) => answerHttp(core, question),
    takeSocket: (request, connection, head, address) => sockets.take(request, connection, head, address),
    listenUdp: async (at) => stack.use(await openUdpDesk(core, at, now)),
    get peers() {
      return swarms.peers
    },
    get torrents() {
      return swarms.torrents
    },
    get sockets() {
      return sockets.sockets
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
