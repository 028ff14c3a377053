import type { EventEmitter } from 'node:events'
import type { AddressInfo } from 'node:net'
import * as tracker from 'bittorrent-tracker'

/** What is used of it here; `@annals/torrents` says what it uses itself. */
interface TrackerServer extends EventEmitter {
  readonly ws: { address(): unknown; readonly clients: Iterable<{ terminate(): void }> }
  listen(port: number, host: string, onListening: () => void): void
  close(callback: () => void): void
}

export interface WsTracker extends AsyncDisposable {
  readonly announceUrl: string
  /** Resolves once so many peers have announced themselves, those that left since among them. */
  knows(peers: number): Promise<void>
}

/** A WebSocket tracker on loopback, by which peers over WebRTC find each other. */
export async function startWsTracker(): Promise<WsTracker> {
  const { Server } = tracker as unknown as { readonly Server: new (options: object) => TrackerServer }
  const server = new Server({ http: false, udp: false, ws: true, stats: false })
  server.on('warning', () => {})
  let known = 0
  server.on('start', () => (known += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.ws.address() as AddressInfo
  return {
    announceUrl: `ws://127.0.0.1:${port}`,
    knows: (peers) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (known >= peers) resolve()
        }
        server.on('start', look)
        look()
      }),
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(resolve))
      // It waits for its clients, and one that was given up while it connected stays.
      for (const client of server.ws.clients) client.terminate()
      await closed
    },
  }
}
