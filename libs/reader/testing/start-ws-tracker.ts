import type { AddressInfo } from 'node:net'
import { Server } from 'bittorrent-tracker'

export interface WsTracker extends AsyncDisposable {
  readonly announceUrl: string
}

/** A WebSocket tracker on loopback, by which peers over WebRTC find each other. */
export async function startWsTracker(): Promise<WsTracker> {
  const server = new Server({ http: false, udp: false, ws: true, stats: false })
  server.on('warning', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.ws.address() as AddressInfo
  return {
    announceUrl: `ws://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  }
}
