/** What this package uses of bittorrent-tracker, which ships no types. */
declare module 'bittorrent-tracker' {
  import type { EventEmitter } from 'node:events'
  import type { Server as HttpServer } from 'node:http'

  export class Server extends EventEmitter {
    constructor(options: {
      readonly http?: boolean
      readonly udp?: boolean
      readonly ws?: boolean
      readonly stats?: boolean
      /** Milliseconds. */
      readonly interval?: number
    })
    readonly http: HttpServer
    listen(port: number, host: string, onListening: () => void): void
    close(callback: () => void): void
  }
}
