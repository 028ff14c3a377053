/** What this package uses of bittorrent-tracker, which ships no types. */
declare module 'bittorrent-tracker' {
  import type { EventEmitter } from 'node:events'
  import type { Socket as UdpSocket } from 'node:dgram'

  /** A WebSocket, as the server uses it. */
  export interface TrackerSocket extends EventEmitter {
    readonly ip: string
    readonly port: number
    readonly addr: string
    send(text: string): void
  }

  export interface SwarmPeer {
    readonly ip: string
    readonly port: number
    /** Hex. */
    readonly peerId: string
    readonly socket?: TrackerSocket
  }

  export interface SwarmAnnounce {
    readonly type: 'http' | 'udp' | 'ws'
    readonly event: string
    readonly info_hash: string
    readonly peer_id: string
    readonly ip: string
    readonly port: number
    readonly left: number
    readonly numwant: number
    readonly socket?: TrackerSocket
  }

  export interface SwarmCounts {
    readonly complete: number
    readonly incomplete: number
  }

  export interface SwarmAnswer extends SwarmCounts {
    readonly peers: readonly SwarmPeer[]
  }

  /** What stands in for the server's own collection of a torrent's peers. */
  export interface TrackerSwarm {
    readonly peers: { get(peerId: string): SwarmPeer | undefined }
    announce(params: SwarmAnnounce, callback: (error: Error | null, answer?: SwarmAnswer) => void): void
    scrape(params: unknown, callback: (error: null, counts: SwarmCounts) => void): void
  }

  export class Server extends EventEmitter {
    constructor(options: {
      readonly http: false
      readonly udp: false
      readonly ws: false
      readonly stats: false
      /** Milliseconds. */
      readonly interval: number
      readonly filter: (infoHash: string, params: SwarmAnnounce, callback: (error: Error | null) => void) => void
    })
    /** Where answers over UDP go out. */
    udp4: Pick<UdpSocket, 'send'> | null
    getSwarm(infoHash: string, callback: (error: null, swarm?: TrackerSwarm) => void): void
    createSwarm(infoHash: string, callback: (error: null, swarm: TrackerSwarm) => void): void
    onHttpRequest(
      request: {
        readonly url: string
        readonly headers: object
        readonly connection: { readonly remoteAddress: string }
      },
      response: { end(body?: string | Uint8Array): void },
    ): void
    onUdpRequest(
      message: Buffer,
      from: { readonly family: 'IPv4'; readonly address: string; readonly port: number },
    ): void
    /** Takes the socket's `message` events. */
    onWebSocketConnection(socket: TrackerSocket): void
    close(callback: () => void): void
  }
}
