import type { WakuMessage } from './waku-message.ts'
import { encodeText, varintBytes, type WireWriter } from './wire-writer.ts'

const noBytes = new Uint8Array(0)

/**
 * Appends a message as one element of `WakuMessageArchive.messages`. The archive's hot path, so it knows the wire
 * format itself; the tests hold it against the generated code.
 */
export function encodeMessage(writer: WireWriter, message: WakuMessage): void {
  const { sig, timestamp, topic, payload, padding, hash } = message
  const thirdPartyId = message.thirdPartyId === '' ? noBytes : encodeText(message.thirdPartyId)
  const sizeBytes =
    fieldBytes(sig) +
    (timestamp === 0 ? 0 : 1 + varintBytes(timestamp)) +
    fieldBytes(topic) +
    fieldBytes(payload) +
    fieldBytes(padding) +
    fieldBytes(hash) +
    fieldBytes(thirdPartyId)
  writer.reserve(sizeBytes + 10)
  writer.tag(0x1a)
  writer.varint(sizeBytes)
  field(writer, 0x0a, sig)
  if (timestamp !== 0) {
    writer.tag(0x10)
    writer.varint(timestamp)
  }
  field(writer, 0x1a, topic)
  field(writer, 0x22, payload)
  field(writer, 0x2a, padding)
  field(writer, 0x32, hash)
  field(writer, 0x3a, thirdPartyId)
}

function fieldBytes(bytes: Uint8Array): number {
  const { length } = bytes
  return length === 0 ? 0 : 1 + varintBytes(length) + length
}

function field(writer: WireWriter, tag: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return
  writer.tag(tag)
  writer.varint(bytes.length)
  writer.raw(bytes)
}
