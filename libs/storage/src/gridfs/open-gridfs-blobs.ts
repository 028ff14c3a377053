import { createHash } from 'node:crypto'
import { checkBlobKey, isBlobKey } from '../blob-keys.ts'
import type { BlobInfo, BlobStore, ListedBlob } from '../blob-store.ts'
import { BlobCorruptError, BlobMissingError } from '../errors.ts'
import type { MongoLink } from '../mongo/mongo-link.ts'
import { isWhole, readContent, readContentRange } from './blob-content.ts'
import { BlobFiles, chunksCollection, filesCollection, leftRange, type BlobFile } from './blob-files.ts'
import { BlobUpload } from './blob-upload.ts'

export interface GridfsBlobsOptions {
  readonly link: MongoLink
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** How many files one step of a listing is to hold, about. */
const listedAtOnce = 500

/**
 * Blobs in the GridFS bucket `blobs`, for any number of processes; any driver can read them there. All calls may be
 * done again. What a killed process leaves is not to be seen, and `sweep` removes it.
 * @throws StorageUnavailableError, StorageAuthenticationError, UnsafeIndexError
 */
export async function openGridfsBlobs({ link, now = Date.now }: GridfsBlobsOptions): Promise<BlobStore> {
  await link.prepare(filesCollection)
  await link.prepare(chunksCollection)
  return new GridfsBlobs(new BlobFiles(link, now))
}

class GridfsBlobs implements BlobStore {
  readonly #blobs: BlobFiles

  constructor(blobs: BlobFiles) {
    this.#blobs = blobs
  }

  /** @throws BlobUploadLostError */
  async put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<BlobInfo> {
    const upload = new BlobUpload(this.#blobs)
    try {
      for await (const part of content) await upload.write(part)
      const info = upload.end()
      await this.#adopt(upload, info)
      await upload.discard()
      return info
    } catch (error) {
      // What cannot be discarded now is swept later; what is to be told is why it failed.
      await upload.discard().catch(() => {})
      throw error
    }
  }

  /**
   * Sees to it that the blob is there, whole, and known to be put just now. Each step is one change of one document, so
   * any number of processes may do this at once; whoever finds that another changed something looks again.
   */
  async #adopt(upload: BlobUpload, info: BlobInfo): Promise<void> {
    while (true) {
      const there = await this.#find(info.key)
      if (there === undefined) {
        if (await upload.adopt(info)) return
      } else if (there.length === info.sizeBytes && (await isWhole(this.#blobs, there, info.key))) {
        if (await this.#renew(there)) return
      } else {
        await this.#blobs.remove(there)
      }
    }
  }

  /** Says that a blob was put now; `false` if it went meanwhile. */
  async #renew({ _id, filename }: BlobFile): Promise<boolean> {
    const lastPutAtMilliseconds = this.#blobs.now()
    const { matchedCount } = await this.#blobs.run('renew a blob', () =>
      this.#blobs.files.updateOne(
        { _id, filename },
        { $max: { 'metadata.lastPutAtMilliseconds': lastPutAtMilliseconds } },
      ),
    )
    return matchedCount > 0
  }

  async *read(key: string): AsyncIterable<Uint8Array> {
    const file = await this.#find(key)
    if (file === undefined) throw new BlobMissingError(key)
    const hash = createHash('sha256')
    for await (const part of readContent(this.#blobs, file)) {
      hash.update(part)
      yield part
    }
    const actual = hash.digest('hex')
    if (actual === key) return
    // Deleted while it was read, perhaps.
    const now = await this.#find(key)
    if (now === undefined) throw new BlobMissingError(key)
    throw new BlobCorruptError(key, actual)
  }

  async *readRange(key: string, offsetBytes: number, sizeBytes: number): AsyncIterable<Uint8Array> {
    const file = await this.#find(key)
    if (file === undefined) throw new BlobMissingError(key)
    yield* readContentRange(this.#blobs, file, offsetBytes, Math.min(sizeBytes, file.length - offsetBytes))
  }

  async has(key: string): Promise<boolean> {
    return (await this.#find(key)) !== undefined
  }

  async delete(key: string): Promise<void> {
    const file = await this.#find(key)
    if (file !== undefined) await this.#blobs.remove(file)
  }

  async deleteUnused(key: string, notPutSinceMilliseconds: number): Promise<boolean> {
    const file = await this.#find(key)
    return file !== undefined && this.#blobs.remove(file, notPutSinceMilliseconds)
  }

  /**
   * Keys are evenly spread, so ranges of their first digits hold about the same number each, and no server has to sort
   * or to keep a cursor.
   */
  async *list(): AsyncIterable<ListedBlob> {
    const { files } = this.#blobs
    const count = await this.#blobs.run('list blobs', () => files.estimatedDocumentCount())
    const digits = Math.max(0, Math.ceil(Math.log(count / listedAtOnce) / Math.log(16)))
    for (let number = 0; number < 16 ** digits; number++) {
      const prefix = digits === 0 ? '' : number.toString(16).padStart(digits, '0')
      // 'g' comes after all digits.
      const filename = { $gte: prefix === '' ? '0' : prefix, $lt: `${prefix}g` }
      const found = await this.#blobs.run('list blobs', () => files.find({ filename }).toArray())
      for (const { filename: key, length: sizeBytes, metadata, uploadDate } of found) {
        if (!isBlobKey(key)) continue
        yield { key, sizeBytes, lastPutAtMilliseconds: metadata.lastPutAtMilliseconds ?? uploadDate.getTime() }
      }
    }
  }

  async sweep(leftBeforeMilliseconds: number): Promise<number> {
    let removed = 0
    const filter = { filename: leftRange, 'metadata.leftAtMilliseconds': { $lt: leftBeforeMilliseconds } }
    while (true) {
      const left = await this.#blobs.run('look for what is left over', () =>
        this.#blobs.files.find(filter, { limit: listedAtOnce, batchSize: listedAtOnce + 1 }).toArray(),
      )
      for (const file of left) if (await this.#blobs.remove(file)) removed += 1
      if (left.length < listedAtOnce) return removed
    }
  }

  async #find(key: string): Promise<BlobFile | undefined> {
    checkBlobKey(key)
    const found = await this.#blobs.run('look for a blob', () => this.#blobs.files.findOne({ filename: key }))
    return found ?? undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The link is closed by whoever made it.
  }
}
