export interface Line {
  /** From 1. */
  readonly number: number
  /** Without the line break; absent where the line is longer than allowed. */
  readonly bytes?: Uint8Array
}

const lineFeed = 0x0a

/** Cuts bytes that come in parts into lines. Holds at most one line, and of one that is too long nothing. */
export class LineSplitter {
  readonly #maxBytes: number
  #parts: Uint8Array[] = []
  #heldBytes = 0
  #number = 1

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#hold(chunk.subarray(start, end))
      lines.push(this.#take())
      start = end + 1
    }
    this.#hold(chunk.subarray(start))
    return lines
  }

  /** The last line, where it does not end in a line break. */
  end(): Line[] {
    return this.#heldBytes > 0 ? [this.#take()] : []
  }

  #hold(part: Uint8Array): void {
    this.#heldBytes += part.length
    if (this.#heldBytes > this.#maxBytes) this.#parts = []
    else if (part.length > 0) this.#parts.push(part)
  }

  #take(): Line {
    const number = this.#number++
    const tooLong = this.#heldBytes > this.#maxBytes
    const bytes = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts)
    this.#parts = []
    this.#heldBytes = 0
    return tooLong || bytes === undefined ? { number } : { number, bytes }
  }
}
