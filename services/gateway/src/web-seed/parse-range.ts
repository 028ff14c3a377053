/** Bytes of a file: [offset, offset + size). */
export interface ByteRange {
  readonly offsetBytes: number
  readonly sizeBytes: number
}

export type RangeAnswer =
  /** No range is asked for, or in a form that is none: the whole file, as RFC 9110 has it (14.2). */
  | { readonly kind: 'whole' }
  /** In ascending order; there is one at least, none is empty, all are within the file. */
  | { readonly kind: 'ranges'; readonly ranges: readonly ByteRange[] }
  /** None of it is in the file, or it is more than anybody needs. */
  | { readonly kind: 'refused' }

/** Clients of web seeds ask for one. */
const maxRanges = 8

/** Longer than any header with as many ranges. */
const maxHeaderLength = 400

/**
 * Reads a `Range` header for a file of a size. Ranges that overlap or go back are refused, as are more than a few: their
 * answer could be many times as long as the file.
 */
export function parseRange(header: string | undefined, fileBytes: number): RangeAnswer {
  if (header === undefined || !/^bytes=/i.test(header)) return { kind: 'whole' }
  if (header.length > maxHeaderLength) return { kind: 'refused' }
  const wanted = header.slice('bytes='.length).split(',').map(readSpec)
  if (!wanted.every((spec) => spec !== undefined)) return { kind: 'whole' }
  const ranges = wanted.map((spec) => within(spec, fileBytes)).filter((range) => range !== undefined)
  const ascending = ranges.every((range, at) => at === 0 || range.offsetBytes >= endOf(ranges[at - 1]!))
  if (ranges.length === 0 || wanted.length > maxRanges || !ascending) return { kind: 'refused' }
  return { kind: 'ranges', ranges }
}

/** First and last byte, or how many of the last bytes. */
type Spec = { readonly first: number; readonly last: number } | { readonly suffix: number }

function readSpec(text: string): Spec | undefined {
  const [, first, last] = /^\s*(\d{0,15})-(\d{0,15})\s*$/.exec(text) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') return { suffix: Number(last) }
  const spec = { first: Number(first), last: last === '' ? Infinity : Number(last) }
  return spec.last < spec.first ? undefined : spec
}

function within(spec: Spec, fileBytes: number): ByteRange | undefined {
  const first = 'suffix' in spec ? Math.max(0, fileBytes - spec.suffix) : spec.first
  const last = 'suffix' in spec ? fileBytes - 1 : Math.min(spec.last, fileBytes - 1)
  return last < first ? undefined : { offsetBytes: first, sizeBytes: last - first + 1 }
}

function endOf({ offsetBytes, sizeBytes }: ByteRange): number {
  return offsetBytes + sizeBytes
}
