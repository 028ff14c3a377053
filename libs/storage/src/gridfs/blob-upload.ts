import { createHash } from 'node:crypto'
import { Binary, ObjectId } from 'mongodb'
import type { BlobInfo } from '../blob-store.ts'
import { insertUnordered } from '../mongo/unordered-writes.ts'
import { isDuplicateKey } from '../mongo/mongo-errors.ts'
import { BlobUploadLostError } from '../server-errors.ts'
import {
  chunksCollection,
  draftName,
  filesCollection,
  type BlobChunk,
  type BlobFile,
  type BlobFiles,
} from './blob-files.ts'

export const chunkBytes = 1024 * 1024

/** In chunks. What is shorter than this is not sent before its key is known, and perhaps not at all. */
const sentAtOnce = 4

/** Content on its way to the server. Nobody sees it until it is adopted; a sweep finds what is cut off. */
export class BlobUpload {
  readonly id = new ObjectId()
  readonly #to: BlobFiles
  readonly #hash = createHash('sha256')
  #sizeBytes = 0
  #chunk: Buffer | undefined
  #filled = 0
  #full: Uint8Array[] = []
  #sent = 0
  /** `local`: nothing is at the server. `draft`: some or all is. `adopted`: it is a blob. */
  #state: 'local' | 'draft' | 'adopted' = 'local'

  constructor(to: BlobFiles) {
    this.#to = to
  }

  async write(part: Uint8Array): Promise<void> {
    this.#hash.update(part)
    this.#sizeBytes += part.length
    for (let at = 0; at < part.length;) {
      this.#chunk ??= Buffer.allocUnsafeSlow(chunkBytes)
      const some = part.subarray(at, at + chunkBytes - this.#filled)
      this.#chunk.set(some, this.#filled)
      this.#filled += some.length
      at += some.length
      if (this.#filled === chunkBytes) this.#endChunk()
      if (this.#full.length === sentAtOnce) await this.#send()
    }
  }

  /** To be called once, behind the last part. */
  end(): BlobInfo {
    if (this.#filled > 0) this.#endChunk()
    return { key: this.#hash.digest('hex'), sizeBytes: this.#sizeBytes }
  }

  #endChunk(): void {
    if (this.#chunk !== undefined) this.#full.push(this.#chunk.subarray(0, this.#filled))
    this.#chunk = undefined
    this.#filled = 0
  }

  async #send(): Promise<void> {
    if (this.#state === 'local') await this.#makeDraft()
    else await this.#renewDraft()
    const chunks = this.#full.map((data, index): BlobChunk => ({
      _id: new ObjectId(),
      files_id: this.id,
      n: this.#sent + index,
      data: new Binary(data),
    }))
    if (chunks.length === 0) return
    // Those that are there already came by the same call, whose answer was lost.
    await this.#to.run('store a part of a blob', () =>
      insertUnordered(this.#to.link.database, chunksCollection, chunks),
    )
    this.#sent += chunks.length
    this.#full = []
  }

  async #makeDraft(): Promise<void> {
    const file: BlobFile = {
      _id: this.id,
      filename: draftName(this.id),
      length: 0,
      chunkSize: chunkBytes,
      uploadDate: new Date(this.#to.now()),
      metadata: { leftAtMilliseconds: this.#to.now() },
    }
    // From here on there may be something to discard, also if the answer does not come.
    this.#state = 'draft'
    await this.#to.run('begin a blob', () => insertUnordered(this.#to.link.database, filesCollection, [file]))
  }

  /** However long an upload takes, no sweep is to take it for left over while it goes on. */
  async #renewDraft(): Promise<void> {
    const draft = { _id: this.id, filename: draftName(this.id) }
    const { matchedCount } = await this.#to.run('go on with a blob', () =>
      this.#to.files.updateOne(draft, { $set: { 'metadata.leftAtMilliseconds': this.#to.now() } }),
    )
    if (matchedCount === 0) throw new BlobUploadLostError(this.#to.link.server)
  }

  /**
   * Makes all of it a blob, in one step. `false` if there is one of the key by now.
   * @throws BlobUploadLostError
   */
  async adopt({ key, sizeBytes }: BlobInfo): Promise<boolean> {
    await this.#send()
    const filename = draftName(this.id)
    const now = this.#to.now()
    const blob = {
      filename: key,
      length: sizeBytes,
      uploadDate: new Date(now),
      metadata: { lastPutAtMilliseconds: now },
    }
    const adopted = await this.#to.run('finish a blob', async () => {
      try {
        const { matchedCount } = await this.#to.files.updateOne({ _id: this.id, filename }, { $set: blob })
        if (matchedCount > 0) return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
      // By the same call, whose answer was lost.
      const file = await this.#to.files.findOne({ _id: this.id })
      if (file?.filename !== key) throw new BlobUploadLostError(this.#to.link.server)
      return true
    })
    if (adopted) this.#state = 'adopted'
    return adopted
  }

  /** Removes what is at the server, unless it became the blob; that is so too where the answer to `adopt` was lost. */
  async discard(): Promise<void> {
    if (this.#state !== 'draft') return
    const { files, chunks } = this.#to
    if (await this.#to.remove({ _id: this.id, filename: draftName(this.id) })) return
    // A sweep took it; what was sent since then is nobody's. A blob that it became by a lost answer is there.
    if ((await this.#to.run('look for a blob', () => files.findOne({ _id: this.id }))) === null)
      await this.#to.run('remove the content of a blob', () => chunks.deleteMany({ files_id: this.id }))
  }
}
