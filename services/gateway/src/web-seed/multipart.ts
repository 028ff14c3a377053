import { randomUUID } from 'node:crypto'
import type { ByteRange } from './parse-range.ts'

export interface Multipart {
  readonly mediaType: string
  /** With everything between the ranges. */
  readonly sizeBytes: number
  /** What comes before each range. */
  readonly heads: readonly Uint8Array[]
  readonly end: Uint8Array
}

/** Several ranges in one answer: `multipart/byteranges`, RFC 9110, 14.6. */
export function multipartOf(ranges: readonly ByteRange[], fileBytes: number): Multipart {
  const boundary = randomUUID()
  const heads = ranges.map(({ offsetBytes, sizeBytes }, at) =>
    Buffer.from(
      `${at === 0 ? '' : '\r\n'}--${boundary}\r\ncontent-type: application/octet-stream\r\n` +
        `content-range: bytes ${offsetBytes}-${offsetBytes + sizeBytes - 1}/${fileBytes}\r\n\r\n`,
    ),
  )
  const end = Buffer.from(`\r\n--${boundary}--\r\n`)
  const between = [...heads, end].reduce((sum, { length }) => sum + length, 0)
  return {
    mediaType: `multipart/byteranges; boundary=${boundary}`,
    sizeBytes: ranges.reduce((sum, { sizeBytes }) => sum + sizeBytes, between),
    heads,
    end,
  }
}
