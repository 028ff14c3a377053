import { InvalidTextError, MalformedWireError, TruncatedError, UnsafeIntegerError } from './errors.ts'

export const wireVarint = 0
export const wireFixed64 = 1
export const wireBytes = 2
const wireGroupStart = 3
const wireGroupEnd = 4
const wireFixed32 = 5

const maxGroupDepth = 64
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads protobuf from [position, end) of foreign bytes without copying. Every length is checked against the end before
 * anything is made of it; unknown fields are skipped, as proto3 wants.
 */
export class WireReader {
  readonly bytes: Uint8Array
  readonly end: number
  /** What is read, for errors. */
  readonly what: string
  position: number

  constructor(bytes: Uint8Array, what: string, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.what = what
    this.position = position
    this.end = end
  }

  /** The next field's tag (field number * 8 + wire type), 0 at the end. */
  tag(): number {
    const start = this.position
    if (start >= this.end) return 0
    const first = this.bytes[start] as number
    if (first < 0x80 && first >= 8) {
      this.position = start + 1
      return first
    }
    const tag = this.varint()
    if (tag < 8 || tag > 0xffff_ffff) throw new MalformedWireError(this.what, start, 'an impossible field number')
    return tag
  }

  /** An unsigned number. @throws UnsafeIntegerError above 2^53 - 1 */
  varint(): number {
    const start = this.position
    const { bytes, end } = this
    let position = start
    let value = 0
    let factor = 1
    for (let count = 0; count < 10; count++) {
      if (position >= end) throw new TruncatedError(this.what, start)
      const byte = bytes[position++] as number
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        if (count === 9 && byte > 1) break
        this.position = position
        // A sum that has lost digits is never below 2^53, since rounding does not change the order.
        if (value > Number.MAX_SAFE_INTEGER) throw new UnsafeIntegerError(this.what, start)
        return value
      }
      factor *= 0x80
    }
    throw new MalformedWireError(this.what, start, 'a number of more than 64 bits')
  }

  /** Goes past a length-delimited value's length and gives the end of its content, which starts at `position`. */
  bytesEnd(): number {
    const start = this.position
    const length = this.varint()
    const end = this.position + length
    if (end > this.end) throw new TruncatedError(this.what, start)
    return end
  }

  /** A view of a length-delimited value. */
  view(): Uint8Array {
    const end = this.bytesEnd()
    const view = this.bytes.subarray(this.position, end)
    this.position = end
    return view
  }

  /** @throws InvalidTextError */
  text(): string {
    const start = this.position
    const view = this.view()
    if (view.length === 0) return ''
    try {
      return utf8.decode(view)
    } catch (error) {
      throw new InvalidTextError(this.what, start, error)
    }
  }

  /** Goes past a field that is not known. */
  skip(tag: number): void {
    const start = this.position
    const groups: number[] = []
    for (let current = tag; ; current = this.tag()) {
      if (current === 0) throw new TruncatedError(this.what, start)
      switch (current & 7) {
        case wireVarint:
          this.#skipVarint()
          break
        case wireFixed64:
          this.#skipBytes(8)
          break
        case wireBytes:
          this.position = this.bytesEnd()
          break
        case wireFixed32:
          this.#skipBytes(4)
          break
        case wireGroupStart:
          if (groups.length === maxGroupDepth) throw new MalformedWireError(this.what, start, 'too many nested groups')
          groups.push(current >>> 3)
          break
        case wireGroupEnd:
          if (groups.pop() !== current >>> 3) throw new MalformedWireError(this.what, start, 'a group that never began')
          break
        default:
          throw new MalformedWireError(this.what, start, `wire type ${current & 7}`)
      }
      if (groups.length === 0) return
    }
  }

  #skipBytes(count: number): void {
    if (this.end - this.position < count) throw new TruncatedError(this.what, this.position)
    this.position += count
  }

  #skipVarint(): void {
    const start = this.position
    for (let count = 0; count < 10; count++) {
      if (this.position >= this.end) throw new TruncatedError(this.what, start)
      const byte = this.bytes[this.position++] as number
      if (byte < 0x80) {
        if (count === 9 && byte > 1) break
        return
      }
    }
    throw new MalformedWireError(this.what, start, 'a number of more than 64 bits')
  }
}
