import type { Wire } from 'webtorrent'

/** The longest message that makes sense is a bitfield or a block of 128 KiB with its header. */
const maxMessageBytes = 1 << 20
/** Requests that a peer may have waiting; clients send up to 2,000. */
const maxRequests = 4_000
/** Bytes, and messages, for a peer that does not take them. */
const maxUnsentBytes = 32 << 20
const maxUnsentMessages = 10_000

/**
 * Keeps a stranger from taking the process down over a connection. WebTorrent buffers a message of any announced
 * length, lets what its extensions throw on bad messages reach the socket's event handler, where it would end the
 * process, and reads pieces for a peer that never takes them. Here each of it ends the connection.
 */
export function guardWire(wire: Wire): void {
  const onMessageLength = wire._onMessageLength.bind(wire)
  const guarded = (bytes: Uint8Array): void => {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
    if (length > maxMessageBytes) wire.destroy()
    else onMessageLength(bytes)
  }
  const onMessage = wire._onMessage.bind(wire)
  const caught = (bytes: Uint8Array): void => {
    try {
      onMessage(bytes)
    } catch {
      wire.destroy()
    }
  }
  // What reads the next bytes has been chosen before an incoming connection is known to belong to a torrent.
  if (wire._parserSize > maxMessageBytes) wire.destroy()
  else if (wire._parser === wire._onMessageLength) wire._parser = guarded
  else if (wire._parser === wire._onMessage) wire._parser = caught
  wire._onMessageLength = guarded
  wire._onMessage = caught

  const onRequest = wire._onRequest.bind(wire)
  wire._onRequest = (piece, offset, length) => {
    const { buffered, queue } = wire._readableState
    const tooMany = wire.peerRequests.length >= maxRequests || queue.length > maxUnsentMessages
    if (tooMany || buffered > maxUnsentBytes) wire.destroy()
    else onRequest(piece, offset, length)
  }
}
