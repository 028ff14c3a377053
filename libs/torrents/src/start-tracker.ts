import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Server } from 'bittorrent-tracker'
import { TorrentNodeError } from './errors.ts'

export interface Tracker extends AsyncDisposable {
  /** To be put into magnet links and torrents. */
  readonly announceUrl: string
}

export interface TrackerOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** How often clients are told to announce again. */
  readonly announceSeconds?: number
}

/**
 * A small HTTP tracker, by which nodes of a demonstration, a test or a local network find each other. Peers get to know
 * each other when the later one announces itself, so within a second of its start.
 * @throws TorrentNodeError if it cannot listen
 */
export async function startTracker(options: TrackerOptions): Promise<Tracker> {
  const { host, port, announceSeconds = 600 } = options
  const server = new Server({ http: true, udp: false, ws: false, stats: false, interval: announceSeconds * 1000 })
  // What a client sends wrongly is told to that client; it is no trouble of the tracker's.
  server.on('warning', () => {})
  const failed = once(server, 'error').then(([cause]) => {
    throw new TorrentNodeError(`the tracker cannot listen on ${host}:${port}`, { cause })
  })
  await Promise.race([failed, new Promise<void>((resolve) => server.listen(port, host, resolve))])
  failed.catch(() => {})
  server.on('error', () => {})
  const address = server.http.address() as AddressInfo
  const urlHost = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    announceUrl: `http://${urlHost}:${address.port}/announce`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(resolve)
        server.http.closeAllConnections()
      }),
  }
}
