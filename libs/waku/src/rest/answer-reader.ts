import { WakuAnswerError } from '../errors.ts'
import { parseBase64, parseHash } from './parse-bytes.ts'
import { parseDigits } from './parse-digits.ts'

const mostNanoseconds = 2n ** 63n - 1n

/** Reads a node's answer field by field; what is unknown in it is passed over, what is missing or wrong is refused by place. */
export class AnswerReader {
  readonly #node: string
  readonly #operation: string
  readonly #value: unknown
  readonly #where: string

  private constructor(node: string, operation: string, value: unknown, where: string) {
    this.#node = node
    this.#operation = operation
    this.#value = value
    this.#where = where
  }

  /** @throws WakuAnswerError where the text is no JSON */
  static of(node: string, operation: string, text: string): AnswerReader {
    try {
      return new AnswerReader(node, operation, parseDigits(text), '')
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error
      throw new WakuAnswerError(node, operation, '', 'is no JSON')
    }
  }

  get isAbsent(): boolean {
    return this.#value === undefined || this.#value === null
  }

  field(name: string): AnswerReader {
    const where = this.#where === '' ? name : `${this.#where}.${name}`
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value))
      this.refuse('is no object')
    const value = Object.hasOwn(this.#value, name) ? (this.#value as Record<string, unknown>)[name] : undefined
    return new AnswerReader(this.#node, this.#operation, value, where)
  }

  items(most: number): AnswerReader[] {
    if (!Array.isArray(this.#value)) this.refuse('is no list')
    if (this.#value.length > most) this.refuse(`has more than the ${most} entries that are taken`)
    return this.#value.map(
      (value: unknown, index) => new AnswerReader(this.#node, this.#operation, value, `${this.#where}[${index}]`),
    )
  }

  text(): string {
    if (typeof this.#value !== 'string') this.refuse('is no text')
    return this.#value
  }

  hash(): string {
    return parseHash(this.text()) ?? this.refuse('is no message hash')
  }

  bytes(): Uint8Array {
    return parseBase64(this.text()) ?? this.refuse('is no base64')
  }

  /** A number, or the text of one, as some nodes write it. */
  whole(most: bigint): bigint {
    const value = this.#value
    const isText = typeof value === 'string' && /^\d{1,20}$/.test(value)
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value) && !isText) this.refuse('is no whole number')
    const whole = BigInt(value as bigint | number | string)
    if (whole < 0n || whole > most) this.refuse(`is not between 0 and ${most}`)
    return whole
  }

  nanoseconds(): bigint {
    return this.whole(mostNanoseconds)
  }

  isTrue(): boolean {
    if (typeof this.#value !== 'boolean') this.refuse('is neither true nor false')
    return this.#value
  }

  refuse(reason: string): never {
    throw new WakuAnswerError(this.#node, this.#operation, this.#where, reason)
  }
}
