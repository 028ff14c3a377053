import { bytesToHex } from '@noble/hashes/utils.js'

/** `0x` and lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`
}
