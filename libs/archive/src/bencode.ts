import { BencodeError } from './torrent-errors.ts'

/** What bencoding can say. Texts are bytes until somebody knows better. */
export type Bencoded = number | Uint8Array | Bencoded[] | BencodedDict

export type BencodedDict = Map<string, Bencoded>

const maxDepth = 8
const maxValues = 100_000

/** Where each of a dictionary's values stands in the bytes it was read from. */
export interface BencodeSpan {
  readonly start: number
  readonly end: number
}

export interface DecodedBencode {
  readonly value: Bencoded
  /** Of the outermost dictionary's values. */
  readonly spans: ReadonlyMap<string, BencodeSpan>
}

/**
 * Reads one bencoded value that takes all of the bytes. Strict: sorted keys, each once, no leading zeros. Strings are
 * views. Depth and number of values are bounded.
 * @throws BencodeError
 */
export function decodeBencode(bytes: Uint8Array): DecodedBencode {
  const decoder = new BencodeDecoder(bytes)
  const value = decoder.value(0)
  if (decoder.position !== bytes.length) throw new BencodeError(decoder.position, 'something after the end')
  return { value, spans: decoder.spans }
}

const letter = { i: 0x69, l: 0x6c, d: 0x64, e: 0x65, colon: 0x3a, minus: 0x2d, zero: 0x30, nine: 0x39 }

class BencodeDecoder {
  readonly #bytes: Uint8Array
  readonly spans = new Map<string, BencodeSpan>()
  position = 0
  #values = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  value(depth: number): Bencoded {
    const start = this.position
    if (depth > maxDepth) throw new BencodeError(start, `nested deeper than ${maxDepth}`)
    if (++this.#values > maxValues) throw new BencodeError(start, `more than ${maxValues} values`)
    const first = this.#bytes[start]
    if (first !== letter.i && first !== letter.l && first !== letter.d) return this.#string()
    this.position++
    if (first === letter.i) return this.#number(letter.e, true)
    return first === letter.l ? this.#list(depth) : this.#dict(depth)
  }

  #list(depth: number): Bencoded[] {
    const list: Bencoded[] = []
    while (this.#bytes[this.position] !== letter.e) list.push(this.value(depth + 1))
    this.position++
    return list
  }

  #dict(depth: number): BencodedDict {
    const dict: BencodedDict = new Map()
    let last: string | undefined
    while (this.#bytes[this.position] !== letter.e) {
      const keyAt = this.position
      // One character a byte, so that the order of texts is the order of bytes that the format asks for.
      const key = latin1(this.#string())
      if (last !== undefined && key <= last) throw new BencodeError(keyAt, 'keys that are not in order')
      last = key
      const start = this.position
      dict.set(key, this.value(depth + 1))
      if (depth === 0) this.spans.set(key, { start, end: this.position })
    }
    this.position++
    return dict
  }

  #string(): Uint8Array {
    const start = this.position
    const length = this.#number(letter.colon, false)
    const end = this.position + length
    if (end > this.#bytes.length) throw new BencodeError(start, 'a string that goes beyond the end')
    const string = this.#bytes.subarray(this.position, end)
    this.position = end
    return string
  }

  /** Digits up to an end mark. */
  #number(endMark: number, signed: boolean): number {
    const start = this.position
    const negative = signed && this.#bytes[start] === letter.minus
    if (negative) this.position++
    const first = this.position
    let value = 0
    for (;;) {
      const byte = this.#bytes[this.position]
      if (byte === undefined) throw new BencodeError(start, 'cut off')
      if (byte === endMark) break
      if (byte < letter.zero || byte > letter.nine) throw new BencodeError(this.position, 'no digit where one must be')
      value = value * 10 + byte - letter.zero
      if (value > Number.MAX_SAFE_INTEGER) throw new BencodeError(start, 'a number above 2^53 - 1')
      this.position++
    }
    const digits = this.position - first
    const leadingZero = this.#bytes[first] === letter.zero && (digits > 1 || negative)
    if (digits === 0 || leadingZero) throw new BencodeError(start, 'a number that is not written the one right way')
    this.position++
    return negative ? -value : value
  }
}

function latin1(bytes: Uint8Array): string {
  if (bytes.length > 256) return `${latin1(bytes.subarray(0, 256))}…`
  return String.fromCharCode(...bytes)
}

/** Bencodes a value; keys are sorted. Texts are UTF-8. */
export function encodeBencode(value: EncodableBencode): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  encodeInto(parts, value)
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** `RawBencode` stands for bytes that are bencoded already. */
export type EncodableBencode = number | string | Uint8Array | RawBencode | EncodableBencode[] | BencodeFields

export interface BencodeFields {
  readonly [key: string]: EncodableBencode
}

export class RawBencode {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

const utf8 = new TextEncoder()

function encodeInto(parts: Uint8Array[], value: EncodableBencode): void {
  if (typeof value === 'number') parts.push(utf8.encode(`i${value}e`))
  else if (typeof value === 'string') encodeInto(parts, utf8.encode(value))
  else if (value instanceof Uint8Array) parts.push(utf8.encode(`${value.length}:`), value)
  else if (value instanceof RawBencode) parts.push(value.bytes)
  else if (Array.isArray(value)) {
    parts.push(utf8.encode('l'))
    for (const item of value) encodeInto(parts, item)
    parts.push(utf8.encode('e'))
  } else {
    parts.push(utf8.encode('d'))
    for (const [key, item] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      encodeInto(parts, key)
      encodeInto(parts, item)
    }
    parts.push(utf8.encode('e'))
  }
}
