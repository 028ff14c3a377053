/** What this package uses of simple-peer, which ships no types. The members with an underscore are internals. */
declare module '@thaunknown/simple-peer/lite.js' {
  import type { EventEmitter } from 'node:events'

  /** A WebRTC connection with one data channel, as a stream of bytes. */
  export default class SimplePeer extends EventEmitter {
    constructor(options: {
      readonly initiator: false
      readonly trickle: false
      /** `bindAddress` is libdatachannel's. */
      readonly config: { readonly iceServers: readonly { readonly urls: string }[]; readonly bindAddress?: string }
    })
    /** What the torrent knows the peer by. */
    id: string
    readonly destroyed: boolean
    signal(description: { readonly type: string; readonly sdp: string }): void
    push(bytes: Uint8Array | null): boolean
    destroy(): void
    readonly _pc: {
      ondatachannel: ((event: unknown) => void) | null
      readonly localDescription: { readonly type: string; readonly sdp: string } | null
      close(): void
    } | null
    /** Of streamx. */
    readonly _readableState: { readonly buffered: number }
  }
}
