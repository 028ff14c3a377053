import { randomUUID } from 'node:crypto'
import { Binary, type Collection } from 'mongodb'
import type { WakuMessage } from '@annals/archive'
import { StoredDocumentError } from '../errors.ts'
import { insertUnordered } from './unordered-writes.ts'
import type { PartsReference } from './message-documents.ts'
import type { MongoLink } from './mongo-link.ts'

export const partsCollection = 'message-parts'

/** A document holds 16 MiB at most, on every server. */
export const partBytes = 8 * 1024 * 1024

interface PartDocument {
  /** `<message's key>/<upload>/<number, 4 digits>`. */
  readonly _id: string
  readonly bytes: Binary
}

/**
 * The payloads that are too long for one document. The parts are written first, each upload under a name of its own,
 * and the message that names its upload makes them count: so a crash leaves parts that nothing names, and they go when
 * the message comes again, or with the community.
 */
export class MessageParts {
  readonly #link: MongoLink
  readonly #parts: Collection<PartDocument>

  constructor(link: MongoLink) {
    this.#link = link
    this.#parts = link.database.collection(partsCollection)
  }

  /** Stores the payload of a message whose document is written next. */
  async upload(key: string, { payload }: WakuMessage): Promise<PartsReference> {
    const upload = randomUUID()
    for (let at = 0, number = 0; at < payload.length; at += partBytes, number++) {
      const bytes = new Binary(payload.subarray(at, at + partBytes))
      await this.#link.run(
        'store a part of a message',
        () => insertUnordered(this.#link.database, partsCollection, [{ _id: partId(key, upload, number), bytes }]),
        { repeatable: true },
      )
    }
    return { upload, sizeBytes: payload.length }
  }

  /** The payload. @throws StoredDocumentError if a part is missing */
  async read(key: string, { upload, sizeBytes }: PartsReference): Promise<Uint8Array> {
    const payload = new Uint8Array(sizeBytes)
    for (let at = 0, number = 0; at < sizeBytes; at += partBytes, number++) {
      const _id = partId(key, upload, number)
      const part = await this.#link.run('read a part of a message', () => this.#parts.findOne({ _id }))
      const bytes = part?.bytes as unknown as Uint8Array | undefined
      if (bytes?.length !== Math.min(partBytes, sizeBytes - at))
        throw new StoredDocumentError(partsCollection, _id, new Error('a part of a message is missing or cut'))
      payload.set(bytes, at)
    }
    return payload
  }

  /** Removes what uploads of a message left behind, now that its document names the one that counts. */
  async removeOthers(key: string, counts: PartsReference | undefined): Promise<void> {
    const ids: string[] = []
    const query = this.#parts.find({ _id: { $gt: `${key}/`, $lt: `${key}0` } }, { projection: { _id: 1 } })
    await this.#link.run('find parts of a message', async () => {
      ids.length = 0
      for await (const { _id } of query.clone()) if (!_id.startsWith(`${key}/${counts?.upload}/`)) ids.push(_id)
    })
    if (ids.length > 0)
      await this.#link.run('remove parts of a message', () => this.#parts.deleteMany({ _id: { $in: ids } }))
  }

  /** Removes those of all messages whose keys are in [from, to). */
  async removeRange(from: string, to: string): Promise<void> {
    await this.#link.run('remove parts of messages', () => this.#parts.deleteMany({ _id: { $gte: from, $lt: to } }))
  }
}

function partId(key: string, upload: string, number: number): string {
  return `${key}/${upload}/${String(number).padStart(4, '0')}`
}
