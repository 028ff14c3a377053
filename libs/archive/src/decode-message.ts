import { checkMessage } from './check-message.ts'
import { wireBytes, wireVarint, type WireReader } from './wire-reader.ts'
import type { WakuMessage } from './waku-message.ts'

const noBytes = new Uint8Array(0)

/**
 * Reads one message to the reader's end. Its byte strings are views of the reader's bytes. Hot path, held against the
 * generated code by the tests.
 * @throws ArchiveError
 */
export function decodeMessage(reader: WireReader): WakuMessage {
  let sig: Uint8Array = noBytes
  let timestamp = 0
  let topic: Uint8Array = noBytes
  let payload: Uint8Array = noBytes
  let padding: Uint8Array = noBytes
  let hash: Uint8Array = noBytes
  let thirdPartyId = ''
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    switch (tag) {
      case (1 << 3) | wireBytes:
        sig = reader.view()
        break
      case (2 << 3) | wireVarint:
        timestamp = reader.varint()
        break
      case (3 << 3) | wireBytes:
        topic = reader.view()
        break
      case (4 << 3) | wireBytes:
        payload = reader.view()
        break
      case (5 << 3) | wireBytes:
        padding = reader.view()
        break
      case (6 << 3) | wireBytes:
        hash = reader.view()
        break
      case (7 << 3) | wireBytes:
        thirdPartyId = reader.text()
        break
      default:
        reader.skip(tag)
    }
  }
  const message = { sig, timestamp, topic, payload, padding, hash, thirdPartyId }
  checkMessage(message)
  return message
}
