import type { BlobStore } from '@annals/storage'
import type { ByteRange } from './parse-range.ts'
import { SeedBytesMissingError } from './seed-errors.ts'

/** What is put together to a file: bytes of a blob, zeros behind them. */
export interface SeedPart extends ByteRange {
  readonly blob: string
  /** How many of the last bytes are zeros that the blob does not have. */
  readonly paddingBytes: number
}

/** A part's bytes in a file, from the first byte that no part before it has. */
interface Segment extends SeedPart {
  readonly blobOffsetBytes: number
}

/** A file of a torrent, as blobs have it. */
export interface SeedFile {
  readonly sizeBytes: number
  /** Each begins where the one before it ends. */
  readonly segments: readonly Segment[]
}

const zeros = new Uint8Array(64 * 1024)

/** @returns nothing where the parts, which may overlap, leave a gap */
export function makeSeedFile(parts: readonly SeedPart[]): SeedFile | undefined {
  const segments: Segment[] = []
  let end = 0
  for (const part of parts.toSorted((a, b) => a.offsetBytes - b.offsetBytes)) {
    if (part.offsetBytes > end) return undefined
    const skipped = end - part.offsetBytes
    if (skipped >= part.sizeBytes) continue
    segments.push({ ...part, offsetBytes: end, sizeBytes: part.sizeBytes - skipped, blobOffsetBytes: skipped })
    end += part.sizeBytes - skipped
  }
  return { sizeBytes: end, segments }
}

/** A range that must be within the file, read as it is taken, in parts as the blobs have them. @throws SeedBytesMissingError */
export async function* readSeedFile(
  blobs: Pick<BlobStore, 'readRange'>,
  { segments }: SeedFile,
  { offsetBytes, sizeBytes }: ByteRange,
): AsyncGenerator<Uint8Array, void> {
  const end = offsetBytes + sizeBytes
  let next = indexOfSegment(segments, offsetBytes)
  for (let at = offsetBytes; at < end; next += 1) {
    const segment = segments[next]!
    const upTo = Math.min(end, segment.offsetBytes + segment.sizeBytes)
    yield* readSegment(blobs, segment, at - segment.offsetBytes, upTo - segment.offsetBytes)
    at = upTo
  }
}

async function* readSegment(
  blobs: Pick<BlobStore, 'readRange'>,
  { blob, sizeBytes, paddingBytes, blobOffsetBytes }: Segment,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array, void> {
  const paddingAt = Math.max(0, sizeBytes - paddingBytes)
  let missing = Math.max(0, Math.min(to, paddingAt) - from)
  if (missing > 0)
    for await (const part of blobs.readRange(blob, blobOffsetBytes + from, missing)) {
      missing -= part.length
      yield part
    }
  if (missing > 0) throw new SeedBytesMissingError(blob, missing)
  for (let at = Math.max(from, paddingAt); at < to; at += zeros.length) yield zeros.subarray(0, to - at)
}

/** The segment that has a byte. */
function indexOfSegment(segments: readonly Segment[], offsetBytes: number): number {
  let [low, high] = [0, segments.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (segments[middle]!.offsetBytes <= offsetBytes) low = middle
    else high = middle - 1
  }
  return low
}
