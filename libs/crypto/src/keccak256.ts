import { keccak_256 } from '@noble/hashes/sha3.js'

/** Ethereum's Keccak-256, with the original padding (not SHA3-256): 32 bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes)
}
