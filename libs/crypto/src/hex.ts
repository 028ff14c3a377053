import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { InvalidHexError } from './errors.ts'

/** `0x` and lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`
}

/** The bytes of hex digits of either case, with or without `0x`. @throws InvalidHexError */
export function fromHex(text: string): Uint8Array {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) throw new InvalidHexError(text)
  return hexToBytes(digits)
}
