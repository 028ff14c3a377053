/** Small documents by name: each service's own state. One adapter per engine, one contract suite over all. */
export interface StateStore extends AsyncDisposable {
  collection<T>(definition: CollectionDefinition<T>): Collection<T>
}

export interface CollectionDefinition<T> {
  /** Lower-case words with hyphens. One module owns each name. */
  readonly name: string
  /** Checks what comes out of the store. What it throws is wrapped in a `StoredDocumentError`. */
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
   */
  put(id: string, value: T, expectedVersion: number): Promise<Versioned<T>>
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
   * Goes on holding what `claimDue` gave, until `now + leaseSeconds`; the version stays.
   * @throws VersionConflictError if the document was written or claimed since
   */
  extendClaim(row: Versioned<T>, claim: Claim): Promise<void>
  /** The earliest moment at which a document is due and its lease, if any, has run out, Unix seconds. */
  nextDueAt(): Promise<number | undefined>
}

export interface Claim {
  readonly owner: string
  /** Unix seconds. */
  readonly now: number
  readonly leaseSeconds: number
}
