import { Duplex } from 'node:stream'
import type { DataChannel, PeerConnection } from 'node-datachannel'

/** How much may wait to be sent before more is asked for. */
const maxUnsentBytes = 256 * 1024
/** What every implementation takes as one message. */
const maxMessageBytes = 16 * 1024
/** What the other end has sent and nobody has read yet: its sending cannot be slowed down. */
const maxUnreadBytes = 8 << 20

/**
 * A browser's connection as a stream of bytes, as WebTorrent takes one: over WebRTC, with the one data channel that the
 * browser opens. It is `connected` when that is open.
 */
export class RtcConnection extends Duplex {
  /** What the torrent knows the peer by. */
  readonly id: string
  connected = false
  remoteAddress: string | undefined
  remotePort: number | undefined
  readonly #connection: PeerConnection
  #channel: DataChannel | undefined
  /** Goes on with writing. */
  #resume: (() => void) | undefined

  constructor(id: string, connection: PeerConnection) {
    super({ allowHalfOpen: false })
    this.id = id
    this.#connection = connection
    connection.onDataChannel((channel) => this.#take(channel))
    connection.onStateChange((state) => {
      if (state === 'closed' || state === 'failed' || state === 'disconnected') this.destroy()
    })
  }

  override _read(): void {
    // What comes is pushed as it comes.
  }

  override _write(bytes: Uint8Array, _: BufferEncoding, callback: (error?: Error | null) => void): void {
    const channel = this.#channel
    if (channel === undefined || !this.connected) {
      callback(new Error('the data channel is not open'))
      return
    }
    try {
      for (let at = 0; at < bytes.length; at += maxMessageBytes)
        channel.sendMessageBinary(bytes.subarray(at, at + maxMessageBytes))
      if (channel.bufferedAmount() <= maxUnsentBytes) callback()
      else this.#resume = callback
    } catch (error) {
      // It was closed at the other end, and that was not heard of yet.
      callback(error as Error)
    }
  }

  override _final(callback: () => void): void {
    callback()
    this.destroy()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.connected = false
    this.#resume = undefined
    try {
      this.#channel?.close()
    } finally {
      this.#connection.close()
    }
    callback(error)
  }

  #take(channel: DataChannel): void {
    // One is all that BitTorrent needs; each takes memory.
    if (this.#channel !== undefined || this.destroyed) {
      this.destroy()
      return
    }
    this.#channel = channel
    channel.setBufferedAmountLowThreshold(maxUnsentBytes / 2)
    channel.onBufferedAmountLow(() => {
      const resume = this.#resume
      this.#resume = undefined
      resume?.()
    })
    channel.onMessage((message) => this.#receive(message))
    channel.onClosed(() => this.destroy())
    channel.onError(() => this.destroy())
    channel.onOpen(() => this.#open())
    if (channel.isOpen()) this.#open()
  }

  #open(): void {
    if (this.connected || this.destroyed) return
    const remote = remoteOf(this.#connection)
    this.remoteAddress = remote?.address
    this.remotePort = remote?.port
    this.connected = true
    this.emit('connect')
  }

  #receive(message: string | Buffer | ArrayBuffer): void {
    if (this.destroyed) return
    const bytes = typeof message === 'string' ? undefined : Buffer.from(message as ArrayBuffer)
    if (bytes === undefined || this.readableLength > maxUnreadBytes) this.destroy()
    else if (bytes.length > 0) this.push(bytes)
  }
}

/** The pair may have been lost in the same moment. */
function remoteOf(connection: PeerConnection): { readonly address: string; readonly port: number } | undefined {
  try {
    return connection.getSelectedCandidatePair()?.remote
  } catch {
    return undefined
  }
}
