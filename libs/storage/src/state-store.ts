import type { VersionConflictError } from './errors.ts'

/** Small documents by name: each service's own state. One adapter per engine, one contract suite over all. */
export interface StateStore extends AsyncDisposable {
  collection<T>(definition: CollectionDefinition<T>): Collection<T>
  /**
   * Leaves nothing of what was overwritten or deleted in the files of an engine that runs in this process. May take as
   * long as copying the store. What a server keeps of it (journal, log of changes, backups) is the operator's to see to.
   */
  scrub(): Promise<void>
}

export interface CollectionDefinition<T> {
  /** Lower-case words with hyphens. One module owns each name. */
  readonly name: string
  /**
   * Checks what comes out of the store. What it throws is wrapped in a `StoredDocumentError`. Fields that it leaves out,
   * as those of a newer version are, stand in the value all the same: whoever changes a document spreads what was there.
   */
  parse(value: unknown): T
  /** When the document wants attention, Unix seconds; `undefined` for never. Makes `claimDue` find it. */
  dueAt?(value: T): number | undefined
}

export interface Versioned<T> {
  readonly id: string
  /** 1 at the first write; each write and each claim adds one. */
  readonly version: number
  readonly value: T
}

/** Values are plain JSON (no bytes, no dates, no undefined in arrays). Ids are any text without NUL. */
export interface Collection<T> {
  get(id: string): Promise<Versioned<T> | undefined>
  /**
   * Writes a document if it still has the expected version (0: does not exist). Ends a claim on it.
   * Resolves once durable, with the document as it now stands.
   * @throws VersionConflictError if the version is another one; nothing is written then.
   * @throws StoredDocumentError if `parse` does not take what would be stored; nothing is written then.
   * Where the server's answer was lost, it may have been written: read it again, and decide anew.
   */
  put(id: string, value: T, expectedVersion: number): Promise<Versioned<T>>
  /**
   * As many `put`s of different documents, each written or refused for itself: the answer has the document, or why it
   * was not written, of each in order. Over a network this takes a tenth of the time of one `put` after the other.
   * @throws StoredDocumentError, InvalidDocumentIdError if one could not be stored; nothing is written then. Where the
   * engine fails, some may be written.
   */
  putMany(writes: readonly Write<T>[]): Promise<readonly (Versioned<T> | VersionConflictError)[]>
  /** Removes the document if it has the version. @throws VersionConflictError; a missing document is no error. */
  delete(id: string, expectedVersion: number): Promise<void>
  /** All documents whose id starts with the prefix, in the order of their ids' code points. */
  list(options?: { readonly prefix?: string }): AsyncIterable<Versioned<T>>
  /**
   * Takes one document that is due (earliest first) and that nobody holds, for a time. The claim raises the version,
   * so that whoever held it before can no longer write. `undefined` where none is due.
   */
  claimDue(claim: Claim): Promise<Versioned<T> | undefined>
  /**
   * As `claimDue`, up to `limit` documents at once, the earliest first; none where none is due. One that is not of its
   * collection's form is held and left out.
   * @throws StoredDocumentError if no other is due
   */
  claimDueMany(claim: Claim, limit: number): Promise<readonly Versioned<T>[]>
  /**
   * Goes on holding what `claimDue` gave, until `now + leaseSeconds`; the version stays.
   * @throws VersionConflictError if the document was written or claimed since
   */
  extendClaim(row: Versioned<T>, claim: Claim): Promise<void>
  /** The earliest moment at which a document is due and its lease, if any, has run out, Unix seconds. */
  nextDueAt(): Promise<number | undefined>
}

/** The arguments of one `put`. */
export interface Write<T> {
  readonly id: string
  readonly value: T
  readonly expectedVersion: number
}

export interface Claim {
  readonly owner: string
  /** Unix seconds. */
  readonly now: number
  readonly leaseSeconds: number
}
