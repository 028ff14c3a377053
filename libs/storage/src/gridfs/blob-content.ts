import { createHash } from 'node:crypto'
import type { BlobChunk, BlobFile, BlobFiles } from './blob-files.ts'

const readBytes = 4 * 1024 * 1024

/** The chunks of a file in order, in bounded steps, up to the first that is missing or not of its length. */
export function readContent(from: BlobFiles, file: BlobFile): AsyncGenerator<Uint8Array, void> {
  return readChunks(from, file, 0, Math.ceil(file.length / file.chunkSize))
}

/** A part of a file's content, that must not reach beyond its end, up to what is missing. */
export async function* readContentRange(
  from: BlobFiles,
  file: BlobFile,
  offsetBytes: number,
  sizeBytes: number,
): AsyncGenerator<Uint8Array, void> {
  if (sizeBytes <= 0) return
  const endBytes = offsetBytes + sizeBytes
  const first = Math.floor(offsetBytes / file.chunkSize)
  let at = first * file.chunkSize
  for await (const chunk of readChunks(from, file, first, Math.ceil(endBytes / file.chunkSize))) {
    yield chunk.subarray(Math.max(0, offsetBytes - at), endBytes - at)
    at += chunk.length
  }
}

/** The chunks from the first on, up to but not with the end. */
async function* readChunks(
  from: BlobFiles,
  file: BlobFile,
  first: number,
  count: number,
): AsyncGenerator<Uint8Array, void> {
  const step = Math.max(1, Math.floor(readBytes / file.chunkSize))
  for (let next = first; next < count; next += step) {
    // A narrow range each: not every server gives chunks in order without sorting all that it was asked for.
    const filter = { files_id: file._id, n: { $gte: next, $lt: Math.min(next + step, count) } }
    const chunks = await from.run('read a blob', () => from.chunks.find(filter, { batchSize: step + 1 }).toArray())
    chunks.sort((a, b) => a.n - b.n)
    for (const [index, chunk] of chunks.entries()) {
      const n = next + index
      const data = bytesOf(chunk)
      if (chunk.n !== n || data.length !== Math.min(file.chunkSize, file.length - n * file.chunkSize)) return
      yield data
    }
    if (chunks.length < Math.min(step, count - next)) return
  }
}

/** Whether all of a file's content is there and hashes to the key. */
export async function isWhole(from: BlobFiles, file: BlobFile, key: string): Promise<boolean> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const part of readContent(from, file)) {
    hash.update(part)
    sizeBytes += part.length
  }
  return sizeBytes === file.length && hash.digest('hex') === key
}

/** The driver gives bytes without their wrapper. */
function bytesOf({ data }: BlobChunk): Uint8Array {
  const buffer = data as unknown as Buffer
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
