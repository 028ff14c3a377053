import type { BlobStore } from './blob-store.ts'

/** A whole blob in memory; for what is known to be small enough. @throws BlobMissingError, BlobCorruptError */
export async function readBlob(blobs: BlobStore, key: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of blobs.read(key)) parts.push(part)
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
}
