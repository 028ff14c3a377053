/** A value of a document: of one of the wanted members, or an element of the wanted list. */
export interface SplitValue {
  readonly member: string
  /** From 0; absent for a member's value. */
  readonly index?: number
  readonly offsetBytes: number
  /** The JSON text; absent where it is longer or nested deeper than allowed. */
  readonly bytes?: Uint8Array
}

export interface SplitOptions {
  /** Members of the document whose values are wanted whole. */
  readonly members: readonly string[]
  /** The member whose value is a list that is wanted element by element. */
  readonly list: string
  readonly maxValueBytes: number
}

/** The bytes are no JSON document of the expected form; `offsetBytes` is where that showed. */
export class SplitError extends Error {
  override readonly name = 'SplitError'
  readonly offsetBytes: number

  constructor(problem: string, offsetBytes: number) {
    super(problem)
    this.offsetBytes = offsetBytes
  }
}

/** No export nests its messages this deep. */
const maxDepth = 64
const maxKeyBytes = 256

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Where in the document the next byte stands:
 * `start` before the opening brace, `key-or-end` and `key` before a member, `colon` after its name, `value` before its
 * value, `after-member` behind it, `element-or-end`, `element` and `after-element` the same within the list, `in-key`
 * and `in-value` inside of one, `done` behind the closing brace.
 */
type Position =
  | 'start'
  | 'key-or-end'
  | 'key'
  | 'in-key'
  | 'colon'
  | 'value'
  | 'in-value'
  | 'after-member'
  | 'element-or-end'
  | 'element'
  | 'after-element'
  | 'done'

/**
 * Cuts one large JSON object that comes in parts into the values that are wanted, without holding more than one of
 * them. What is inside of a value is left to a JSON parser; what is outside must be well-formed.
 */
export class ExportSplitter {
  readonly #options: SplitOptions
  #position: Position = 'start'
  #offset = 0
  #member = ''
  #index = -1
  #inList = false
  #start = 0
  #captured: number[] | undefined
  #parts: Uint8Array[] = []
  #sizeBytes = 0
  #wanted = false
  #depth = 0
  #deepest = 0
  #inString = false
  #escaped = false
  #out: SplitValue[] = []

  constructor(options: SplitOptions) {
    this.#options = options
  }

  /** @throws SplitError; what was found before it in these bytes can be had from `found` */
  push(chunk: Uint8Array): SplitValue[] {
    for (let i = 0; i < chunk.length;) i = this.#step(chunk, i)
    return this.found()
  }

  /** @throws SplitError if the document is not complete */
  end(): void {
    if (this.#position === 'done') return
    throw new SplitError(this.#offset === 0 ? 'it is empty' : 'it ends in the middle', this.#offset)
  }

  found(): SplitValue[] {
    const out = this.#out
    this.#out = []
    return out
  }

  #step(chunk: Uint8Array, i: number): number {
    if (this.#position === 'in-value') return this.#scanValue(chunk, i)
    const byte = chunk[i] as number
    if (this.#position === 'in-key') this.#readKey(byte)
    else if (!isSpace(byte) && this.#structure(byte)) return i
    this.#offset++
    return i + 1
  }

  /** True where the byte begins a value, which takes it in itself. */
  #structure(byte: number): boolean {
    switch (this.#position) {
      case 'start':
        this.#expect(byte, openBrace, 'an object', 'key-or-end')
        return false
      case 'key-or-end':
      case 'key':
        if (byte === closeBrace && this.#position === 'key-or-end') this.#position = 'done'
        else {
          this.#expect(byte, quote, 'the name of a member', 'in-key')
          this.#captured = []
        }
        return false
      case 'colon':
        this.#expect(byte, colon, 'a colon', 'value')
        return false
      case 'value':
        if (byte === openBracket && this.#member === this.#options.list) {
          this.#position = 'element-or-end'
          this.#inList = true
          return false
        }
        this.#beginValue(this.#options.members.includes(this.#member))
        return true
      case 'element-or-end':
      case 'element':
        if (byte === closeBracket && this.#position === 'element-or-end') {
          this.#endList()
          return false
        }
        this.#index++
        this.#beginValue(true)
        return true
      case 'after-element':
        if (byte === closeBracket) this.#endList()
        else this.#expect(byte, comma, 'a comma or the end of the list', 'element')
        return false
      case 'after-member':
        if (byte === closeBrace) this.#position = 'done'
        else this.#expect(byte, comma, 'a comma or the end of the object', 'key')
        return false
      case 'done':
        throw new SplitError('something stands behind the end', this.#offset)
      case 'in-key':
      case 'in-value':
        return false
      default:
        return this.#position satisfies never
    }
  }

  #expect(byte: number, expected: number, what: string, next: Position): void {
    if (byte !== expected) throw new SplitError(`${what} was expected`, this.#offset)
    this.#position = next
  }

  #endList(): void {
    this.#inList = false
    this.#position = 'after-member'
  }

  #readKey(byte: number): void {
    const key = this.#captured as number[]
    if (byte === quote && !this.#escaped) {
      this.#member = Buffer.from(key).toString('utf8')
      this.#captured = undefined
      this.#position = 'colon'
      return
    }
    this.#escaped = byte === backslash && !this.#escaped
    if (key.length >= maxKeyBytes) throw new SplitError('the name of a member is too long', this.#offset)
    key.push(byte)
  }

  #beginValue(wanted: boolean): void {
    this.#position = 'in-value'
    this.#wanted = wanted
    this.#start = this.#offset
    this.#parts = []
    this.#sizeBytes = 0
    this.#depth = 0
    this.#deepest = 0
    this.#inString = false
    this.#escaped = false
  }

  /** Takes in bytes up to the end of the value or of the chunk; answers where the next byte to look at stands. */
  #scanValue(chunk: Uint8Array, from: number): number {
    let i = from
    for (; i < chunk.length; i++) {
      const byte = chunk[i] as number
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === backslash) this.#escaped = true
        else if (byte === quote) {
          this.#inString = false
          if (this.#depth === 0) return this.#endValue(chunk, from, i + 1)
        }
      } else if (byte === quote) {
        this.#inString = true
      } else if (byte === openBrace || byte === openBracket) {
        this.#depth++
        if (this.#depth > this.#deepest) this.#deepest = this.#depth
      } else if (byte === closeBrace || byte === closeBracket) {
        if (this.#depth === 0) return this.#endValue(chunk, from, i)
        if (--this.#depth === 0) return this.#endValue(chunk, from, i + 1)
      } else if (this.#depth === 0 && (byte === comma || isSpace(byte))) {
        return this.#endValue(chunk, from, i)
      }
    }
    this.#take(chunk.subarray(from, i))
    return i
  }

  #take(part: Uint8Array): void {
    this.#offset += part.length
    this.#sizeBytes += part.length
    if (!this.#wanted || this.#sizeBytes > this.#options.maxValueBytes) this.#parts = []
    else this.#parts.push(part)
  }

  #endValue(chunk: Uint8Array, from: number, end: number): number {
    this.#take(chunk.subarray(from, end))
    if (this.#sizeBytes === 0) throw new SplitError('a value was expected', this.#offset)
    this.#position = this.#inList ? 'after-element' : 'after-member'
    if (!this.#wanted) return end
    const usable = this.#sizeBytes <= this.#options.maxValueBytes && this.#deepest <= maxDepth
    this.#out.push({
      member: this.#member,
      offsetBytes: this.#start,
      ...(this.#inList && { index: this.#index }),
      ...(usable && { bytes: Buffer.concat(this.#parts) }),
    })
    this.#parts = []
    return end
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
