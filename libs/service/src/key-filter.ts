const bits = 2 ** 27

/**
 * Remembers which keys of blobs were added, in 16 MiB whatever their number: a Bloom filter. It never denies one that
 * was added; of a million others it takes less than one for added, of ten million in it about one in six hundred. Keys are
 * hashes already, so their own bytes say which bits are theirs.
 */
export class KeyFilter {
  readonly #bytes = new Uint8Array(bits / 8)

  /** `key`: 64 hex digits. */
  add(key: string): void {
    for (const bit of bitsOf(key)) this.#bytes[bit >>> 3] = (this.#bytes[bit >>> 3] ?? 0) | (1 << (bit & 7))
  }

  mayHave(key: string): boolean {
    return bitsOf(key).every((bit) => ((this.#bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0)
  }
}

function bitsOf(key: string): number[] {
  return Array.from({ length: 8 }, (_, index) => Number.parseInt(key.slice(index * 8, index * 8 + 8), 16) % bits)
}
