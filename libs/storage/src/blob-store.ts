/** Immutable byte strings known by the SHA-256 of their content. One adapter per engine, one contract suite over all. */
export interface BlobStore extends AsyncDisposable {
  /** Stores the bytes; resolves once durable. What is there already stays, or is healed where it is damaged. */
  put(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<BlobInfo>
  /**
   * The bytes, in parts, checked against the key while they go by.
   * @throws BlobMissingError, BlobCorruptError (at the latest after the last part), InvalidBlobKeyError
   */
  read(key: string): AsyncIterable<Uint8Array>
  has(key: string): Promise<boolean>
  /** A missing one is no error. */
  delete(key: string): Promise<void>
  list(): AsyncIterable<BlobInfo>
}

export interface BlobInfo {
  /** 64 lower-case hex digits. */
  readonly key: string
  readonly sizeBytes: number
}
