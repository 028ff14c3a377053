import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TorrentNodeError } from '../errors.ts'
import { openTrackerDesk } from './open-tracker-desk.ts'
import type { TrackerDesk, TrackerDeskOptions } from './open-tracker-desk.ts'

export interface Tracker extends AsyncDisposable {
  /** To be put into magnet links and torrents. */
  readonly announceUrl: string
  /** The same for browsers. */
  readonly socketUrl: string
  readonly desk: TrackerDesk
}

export interface TrackerOptions extends Partial<TrackerDeskOptions> {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
}

/**
 * A small tracker over HTTP and WebSocket, by which nodes of a demonstration, a test or a local network find each other.
 * Peers get to know each other when the later one announces itself, so within a second of its start.
 * @throws TorrentNodeError if it cannot listen
 */
export async function startTracker({ host, port, ...options }: TrackerOptions): Promise<Tracker> {
  const desk = openTrackerDesk({ knows: () => true, ...options })
  const server = createServer((request, response) => {
    const [path, query = ''] = (request.url ?? '').split('?')
    if (path !== '/announce' && path !== '/scrape') response.writeHead(404).end()
    else {
      const answer = desk.answerHttp({ path, query, address: request.socket.remoteAddress ?? '' })
      void answer.then((body) => response.end(body))
    }
  })
  server.on('upgrade', (request, connection, head) =>
    desk.takeSocket(request, connection, head, request.socket.remoteAddress ?? ''),
  )
  try {
    await once(server.listen(port, host), 'listening')
  } catch (cause) {
    await desk[Symbol.asyncDispose]()
    throw new TorrentNodeError(`the tracker cannot listen on ${host}:${port}`, { cause })
  }
  const address = server.address() as AddressInfo
  const place = `${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
  return {
    announceUrl: `http://${place}/announce`,
    socketUrl: `ws://${place}/announce`,
    desk,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      await desk[Symbol.asyncDispose]()
      server.closeAllConnections()
      await closed
    },
  }
}
