/**
 * What is kept from visit to visit: pieces by community and hash, so that a newer torrent of a community finds those of an
 * older one; info dictionaries; group keys where a person asked for that. Nothing that comes out of it is believed: whoever
 * reads a piece hashes it.
 */
export interface KeptPieces extends AsyncDisposable {
  /** The hashes of pieces that are kept: 40 lower-case hex digits each. @throws StorageError */
  list(communityId: string): Promise<string[]>

  /** @throws StorageError */
  read(communityId: string, hash: string): Promise<Uint8Array | undefined>

  /** Keeps a piece; one that is kept stays as it is. @throws StorageFullError, StorageError */
  write(communityId: string, hash: string, bytes: Uint8Array): Promise<void>

  /** Unknown ones are no error. @throws StorageError */
  remove(communityId: string, hashes: readonly string[]): Promise<void>

  /** An info dictionary, which is looked for before a peer is asked. @throws StorageError */
  readInfo(infoHash: string): Promise<KeptInfo | undefined>

  /** @throws StorageFullError, StorageError */
  writeInfo(infoHash: string, info: KeptInfo): Promise<void>

  /** Group keys, as a text that `parseGroupKeys` reads. Secret. @throws StorageError */
  readKeys(communityId: string): Promise<string | undefined>

  /** In place of those before. @throws StorageFullError, StorageError */
  writeKeys(communityId: string, keys: string): Promise<void>

  /** Deletes all of a community: pieces, info dictionaries and keys. @throws StorageError */
  forget(communityId: string): Promise<void>

  /** Bytes of pieces of all communities. @throws StorageError */
  sizeBytes(): Promise<number>
}

export interface KeptInfo {
  readonly communityId: string
  /** The bencoded dictionary. */
  readonly infoBytes: Uint8Array
}
