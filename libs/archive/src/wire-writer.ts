const utf8 = new TextEncoder()

/** Bytes that a number takes as a varint. Exact up to 2^53 - 1. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1
  let count = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) count++
  return count
}

/** Writes protobuf into one buffer that grows by doubling and can be written again from the start. */
export class WireWriter {
  #buffer: Uint8Array<ArrayBuffer>
  readonly #firstGrowthBytes: number
  length = 0

  /**
   * @param firstGrowthBytes what the buffer grows to at once when `capacityBytes` are not enough. The system gives the
   * pages of a fresh buffer only as they are written, so one large step costs less than many copies.
   */
  constructor(capacityBytes: number, firstGrowthBytes = 0) {
    this.#buffer = new Uint8Array(capacityBytes)
    this.#firstGrowthBytes = firstGrowthBytes
  }

  get capacityBytes(): number {
    return this.#buffer.length
  }

  /** What is written, [from, to). A view: it changes with the next write from the start. */
  view(from = 0, to = this.length): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(from, to)
  }

  /** Forgets what is written and keeps the buffer. */
  reset(): void {
    this.length = 0
  }

  /** Makes room for `count` more bytes; the methods below do not ask. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2, this.#firstGrowthBytes))
    grown.set(this.#buffer.subarray(0, this.length))
    this.#buffer = grown
  }

  /** A tag below 128, that is of a field up to 15. */
  tag(tag: number): void {
    this.#buffer[this.length++] = tag
  }

  varint(value: number): void {
    const buffer = this.#buffer
    let position = this.length
    let rest = value
    while (rest > 0x7fff_ffff) {
      buffer[position++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    while (rest >= 0x80) {
      buffer[position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buffer[position++] = rest
    this.length = position
  }

  raw(bytes: Uint8Array): void {
    const { length } = bytes
    // Below this size the call into the engine's copy costs more than the loop.
    if (length <= 16) {
      const buffer = this.#buffer
      const start = this.length
      for (let i = 0; i < length; i++) buffer[start + i] = bytes[i] as number
    } else {
      this.#buffer.set(bytes, this.length)
    }
    this.length += length
  }

  zeros(count: number): void {
    this.#buffer.fill(0, this.length, this.length + count)
    this.length += count
  }
}

export function encodeText(text: string): Uint8Array {
  return utf8.encode(text)
}
