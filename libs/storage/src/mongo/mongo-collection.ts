import { ObjectId, type Collection as Documents } from 'mongodb'
import { InvalidDocumentIdError, StoredDocumentError, VersionConflictError } from '../errors.ts'
import { keepUnknown } from '../keep-unknown.ts'
import { readable } from '../readable.ts'
import type { Claim, Collection, CollectionDefinition, Versioned, Write } from '../state-store.ts'
import { claimCandidates } from './claim-candidates.ts'
import type { DueCandidates } from './due-candidates.ts'
import type { MongoLink } from './mongo-link.ts'
import { prefixRange } from './prefix-range.ts'
import { upTo, type StateDocument } from './state-documents.ts'
import { writeMany, writeOne, type PreparedWrite } from './write-documents.ts'

/** What is read at once of a listing: little at first, as most are short, and more of one that goes on. */
const page = { firstRows: 200, timesMore: 5, mostRows: 2_000, bytes: 4 * 1024 * 1024 }

/** A document of the server holds 16 MiB. */
const longestValueBytes = 15 * 1024 * 1024

/** Some servers limit the keys of indexes. */
const longestIdBytes = 2_000

export class MongoCollection<T> implements Collection<T> {
  readonly #link: MongoLink
  readonly #definition: CollectionDefinition<T>
  readonly #name: string
  readonly #documents: Documents<StateDocument>
  readonly #candidates: DueCandidates

  constructor(
    link: MongoLink,
    definition: CollectionDefinition<T>,
    documents: Documents<StateDocument>,
    candidates: DueCandidates,
  ) {
    this.#link = link
    this.#definition = definition
    this.#name = documents.collectionName
    this.#documents = documents
    this.#candidates = candidates
  }

  async get(id: string): Promise<Versioned<T> | undefined> {
    this.#checkId(id)
    const found = await this.#link.run(`get from ${this.#name}`, () => this.#documents.findOne({ _id: id }))
    return found === null ? undefined : this.#toVersioned(found)
  }

  async put(id: string, value: T, expectedVersion: number): Promise<Versioned<T>> {
    const { prepared, versioned } = this.#prepareWrite({ id, value, expectedVersion })
    await this.#link.prepare(this.#name)
    const actualVersion = await writeOne(this.#link, this.#documents, prepared)
    if (actualVersion !== undefined) throw this.#conflict(id, expectedVersion, actualVersion)
    this.#candidates.wrote(id, prepared.document.dueAt)
    return versioned
  }

  async putMany(writes: readonly Write<T>[]): Promise<readonly (Versioned<T> | VersionConflictError)[]> {
    const all = writes.map((write) => this.#prepareWrite(write))
    await this.#link.prepare(this.#name)
    const conflicts = await writeMany(
      this.#link,
      this.#documents,
      all.map(({ prepared }) => prepared),
    )
    return all.map(({ prepared, versioned }) => {
      const actualVersion = conflicts.get(prepared)
      if (actualVersion !== undefined) return this.#conflict(versioned.id, prepared.expectedVersion, actualVersion)
      this.#candidates.wrote(versioned.id, prepared.document.dueAt)
      return versioned
    })
  }

  #prepareWrite({ id, value, expectedVersion }: Write<T>): {
    readonly prepared: PreparedWrite
    readonly versioned: Versioned<T>
  } {
    this.#checkId(id)
    const text = JSON.stringify(value)
    const version = expectedVersion + 1
    // What could not be read again is refused while the one who made it is still there to hear of it.
    const versioned = this.#toVersioned({ _id: id, version, value: text })
    if (Buffer.byteLength(text) > longestValueBytes)
      throw new StoredDocumentError(this.#definition.name, id, new RangeError('it is longer than 15 MiB'))
    const dueAt = this.#definition.dueAt?.(versioned.value)
    const document = { _id: id, version, write: new ObjectId(), value: text }
    return {
      prepared: { expectedVersion, document: dueAt === undefined ? document : { ...document, dueAt, readyAt: dueAt } },
      versioned,
    }
  }

  async delete(id: string, expectedVersion: number): Promise<void> {
    this.#checkId(id)
    await this.#link.run(
      `delete from ${this.#name}`,
      async () => {
        const { deletedCount } = await this.#documents.deleteOne({ _id: id, version: expectedVersion })
        if (deletedCount > 0) return
        const found = await this.#documents.findOne({ _id: id }, { projection: { version: 1 } })
        if (found !== null) throw this.#conflict(id, expectedVersion, found.version)
      },
      { repeatable: true },
    )
    this.#candidates.wrote(id, undefined)
  }

  async *list(options: { readonly prefix?: string } = {}): AsyncIterable<Versioned<T>> {
    const prefix = options.prefix ?? ''
    this.#checkId(prefix)
    const range = prefixRange(prefix)
    let last: string | undefined
    for (let rows = page.firstRows; ; rows = Math.min(rows * page.timesMore, page.mostRows)) {
      const { items, full } = await this.#readPage(last === undefined ? range : { ...range, $gt: last }, rows)
      for (const found of items) yield this.#toVersioned(found)
      last = items.at(-1)?._id
      if (!full || last === undefined) return
    }
  }

  /**
   * No cursor stays open between pages, and one that dies within a page is asked for again. What the server sent is taken, up
   * to the 16 MiB of its answers, also where it is more than was to be read.
   */
  async #readPage(ids: object, rows: number): Promise<{ readonly items: StateDocument[]; readonly full: boolean }> {
    return this.#link.run(
      `list ${this.#name}`,
      async () => {
        const items: StateDocument[] = []
        let bytes = 0
        const cursor = this.#documents.find({ _id: ids }, { limit: rows, batchSize: rows }).sort({ _id: 1 })
        for await (const document of cursor) {
          items.push(document)
          bytes += document.value.length
          if (bytes >= page.bytes && cursor.bufferedCount() === 0) return { items, full: true }
        }
        return { items, full: items.length >= rows }
      },
      { repeatable: true },
    )
  }

  async claimDue(claim: Claim): Promise<Versioned<T> | undefined> {
    const [claimed] = await this.claimDueMany(claim, 1)
    return claimed
  }

  async claimDueMany(claim: Claim, limit: number): Promise<readonly Versioned<T>[]> {
    await this.#link.prepare(this.#name)
    const claimed: StateDocument[] = []
    while (claimed.length < limit) {
      const wanted = limit - claimed.length
      const candidates = await this.#link.run(
        `look for what is due in ${this.#name}`,
        () => this.#candidates.take(claim.now, wanted),
        { repeatable: true },
      )
      if (candidates.length === 0) break
      let won: readonly StateDocument[] = []
      try {
        won = await claimCandidates(this.#link, this.#documents, candidates, claim)
      } finally {
        this.#candidates.tried(candidates, won.length)
      }
      claimed.push(...won)
    }
    return readable(claimed, (document) => this.#toVersioned(document))
  }

  async extendClaim(row: Versioned<T>, { owner, now, leaseSeconds }: Claim): Promise<void> {
    const { id, version } = row
    await this.#link.run(
      `extend a claim in ${this.#name}`,
      async () => {
        const until = { $max: ['$dueAt', now + leaseSeconds] }
        const { matchedCount } = await this.#documents.updateOne({ _id: id, version, owner }, [
          { $set: { heldUntil: until } },
        ])
        if (matchedCount > 0) return
        const found = await this.#documents.findOne({ _id: id }, { projection: { version: 1 } })
        throw this.#conflict(id, version, found?.version ?? 0)
      },
      { repeatable: true },
    )
  }

  async nextDueAt(): Promise<number | undefined> {
    const earliest = async (field: 'readyAt' | 'heldUntil'): Promise<number> => {
      const options = { sort: { [field]: 1 }, projection: { [field]: 1 } } as const
      const found = await this.#link.run(`look for what is due in ${this.#name}`, () =>
        this.#documents.findOne({ [field]: upTo(Infinity) }, options),
      )
      return found?.[field] ?? Infinity
    }
    const moment = Math.min(...(await Promise.all([earliest('readyAt'), earliest('heldUntil')])))
    return moment === Infinity ? undefined : moment
  }

  #conflict(id: string, expectedVersion: number, actualVersion: number): VersionConflictError {
    return new VersionConflictError(this.#definition.name, id, expectedVersion, actualVersion)
  }

  #toVersioned({ _id: id, version, value }: Pick<StateDocument, '_id' | 'version' | 'value'>): Versioned<T> {
    try {
      const stored: unknown = JSON.parse(value)
      return { id, version, value: keepUnknown(this.#definition.parse(stored), stored) }
    } catch (error) {
      throw new StoredDocumentError(this.#definition.name, id, error)
    }
  }

  #checkId(id: string): void {
    // A lone surrogate has no UTF-8 form: two ids would become one.
    if (id.includes('\0') || !id.isWellFormed()) throw new InvalidDocumentIdError(this.#definition.name, id)
    if (Buffer.byteLength(id) > longestIdBytes)
      throw new InvalidDocumentIdError(this.#definition.name, id, `at most ${longestIdBytes} bytes long`)
  }
}
