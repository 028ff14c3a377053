const shown = '[secret]'

/**
 * Bytes that nobody may see by accident: whatever prints, logs or serialises one gets a placeholder. The bytes come out
 * through `reveal` alone, so that a search for it finds every place where they do.
 */
export class Secret {
  readonly #bytes: Uint8Array

  /** A copy is kept: nothing that the caller does to its bytes later changes the secret. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Uint8Array.from(bytes)
  }

  get lengthBytes(): number {
    return this.#bytes.length
  }

  /** A copy of the bytes, for the computation at hand; it is not to be kept, nor put into an error or a log. */
  reveal(): Uint8Array {
    return this.#bytes.slice()
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  /** What Node's `console` and `util.inspect` ask for. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown
  }
}
