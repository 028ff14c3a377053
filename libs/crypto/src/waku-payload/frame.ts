import { InvalidSignatureError } from '../errors.ts'
import { InvalidWakuFrameError, WakuDataTooLargeError } from './errors.ts'

/** What the three bytes of a frame's length field can say. */
export const maxWakuDataBytes = 2 ** 24 - 1

const flagsBytes = 1
const lengthFieldMask = 3
const signedFlag = 4
const signatureBytes = 65
const paddedToBytes = 256

/** A frame of RFC 26 taken apart; all views. */
export interface WakuFrame {
  readonly data: Uint8Array
  readonly padding: Uint8Array
  readonly signature: Uint8Array
  /** What the signature is over. */
  readonly signed: Uint8Array
}

/**
 * A frame with room for its signature at the end: flags ‖ length ‖ data ‖ random padding, 1 to 256 bytes, so that all of
 * it is a multiple of 256 (formats §5).
 * @throws WakuDataTooLargeError
 */
export function layOutFrame(data: Uint8Array): { readonly frame: Uint8Array; readonly toSign: Uint8Array } {
  if (data.length > maxWakuDataBytes) throw new WakuDataTooLargeError(data.length, maxWakuDataBytes)
  const lengthBytes = data.length < 2 ** 8 ? 1 : data.length < 2 ** 16 ? 2 : 3
  const dataAt = flagsBytes + lengthBytes
  const paddingAt = dataAt + data.length
  const paddingBytes = paddedToBytes - ((paddingAt + signatureBytes) % paddedToBytes)
  const frame = new Uint8Array(paddingAt + paddingBytes + signatureBytes)
  frame[0] = signedFlag | lengthBytes
  for (let i = 0; i < lengthBytes; i++) frame[flagsBytes + i] = data.length >>> (8 * i)
  frame.set(data, dataAt)
  crypto.getRandomValues(frame.subarray(paddingAt, paddingAt + paddingBytes))
  return { frame, toSign: frame.subarray(0, paddingAt + paddingBytes) }
}

/** Puts the signature into its room. @throws InvalidSignatureError */
export function putSignature(frame: Uint8Array, signature: Uint8Array): void {
  if (signature.length !== signatureBytes)
    throw new InvalidSignatureError(`it has ${signature.length} bytes instead of ${signatureBytes}`)
  frame.set(signature, frame.length - signatureBytes)
  const v = frame.length - 1
  if ((frame[v] as number) >= 27) frame[v] = (frame[v] as number) - 27
}

/**
 * Takes a frame apart; the padding may be of any length. One without a signature is refused, as members refuse it.
 * @throws InvalidWakuFrameError, InvalidSignatureError
 */
export function readFrame(frame: Uint8Array): WakuFrame {
  const flags = frame[0]
  if (flags === undefined) throw new InvalidWakuFrameError('it is empty')
  if ((flags & signedFlag) === 0) throw new InvalidSignatureError('there is none')
  const end = frame.length - signatureBytes
  const lengthBytes = flags & lengthFieldMask
  const dataAt = flagsBytes + lengthBytes
  if (dataAt > end) throw new InvalidWakuFrameError('it ends before its data')
  let dataBytes = 0
  for (let i = 0; i < lengthBytes; i++) dataBytes |= (frame[flagsBytes + i] as number) << (8 * i)
  if (dataBytes > end - dataAt)
    throw new InvalidWakuFrameError(`it says it has ${dataBytes} bytes of data, and has ${end - dataAt} at most`)
  return {
    data: frame.subarray(dataAt, dataAt + dataBytes),
    padding: frame.subarray(dataAt + dataBytes, end),
    signature: frame.subarray(end),
    signed: frame.subarray(0, end),
  }
}
