/** Immutable byte strings known by the SHA-256 of their content. One adapter per engine, one contract suite over all. */
export interface BlobStore extends AsyncDisposable {
  /**
   * Stores the bytes; resolves once durable. What is there already stays, or is healed where it is damaged; that it was
   * put again is written down, durably as well.
   */
  put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<BlobInfo>
  /**
   * The bytes, in parts, checked against the key while they go by.
   * @throws BlobMissingError, BlobCorruptError (at the latest after the last part), InvalidBlobKeyError
   */
  read(key: string): AsyncIterable<Uint8Array>
  /**
   * The bytes from an offset on, in parts; fewer than asked for where the blob ends before, or is damaged. A part of a
   * blob cannot be checked against the key: this is for who has other means to tell good bytes from bad.
   * @throws BlobMissingError, InvalidBlobKeyError
   */
  readRange(key: string, offsetBytes: number, sizeBytes: number): AsyncIterable<Uint8Array>
  has(key: string): Promise<boolean>
  /** A missing one is no error. */
  delete(key: string): Promise<void>
  list(): AsyncIterable<ListedBlob>
  /**
   * Deletes a blob unless it was put at or after a moment (Unix milliseconds), and says whether it did. Against a `put`
   * of the same content that races with it: either this leaves the blob, or the `put` stores it anew.
   */
  deleteUnused(key: string, notPutSinceMilliseconds: number): Promise<boolean>
  /** Removes what was left before a moment (Unix milliseconds) by uploads and deletions that were cut off. Answers how many. */
  sweep(leftBeforeMilliseconds: number): Promise<number>
}

export interface BlobInfo {
  /** 64 lower-case hex digits. */
  readonly key: string
  readonly sizeBytes: number
}

export interface ListedBlob extends BlobInfo {
  /** When its content was put last, Unix milliseconds of the clock of whoever did. */
  readonly lastPutAtMilliseconds: number
}
