/** Somebody else wrote the document first; read it again and decide anew. */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError'
  readonly collection: string
  readonly id: string
  readonly expectedVersion: number
  /** 0 where there is no such document. */
  readonly actualVersion: number

  constructor(collection: string, id: string, expectedVersion: number, actualVersion: number) {
    super(
      `the document ${collection}/${id} has version ${actualVersion} (0: does not exist), not ${expectedVersion}: ` +
        'somebody else wrote it; read it again and decide anew',
    )
    this.collection = collection
    this.id = id
    this.expectedVersion = expectedVersion
    this.actualVersion = actualVersion
  }
}

/** A document does not have the form that its collection asks for, in the store or on its way there. */
export class StoredDocumentError extends Error {
  override readonly name = 'StoredDocumentError'
  readonly collection: string
  readonly id: string

  constructor(collection: string, id: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `the document ${collection}/${id} is not of its collection's form: ${reason}. If a newer version wrote it, start ` +
        'that one; otherwise remove the document and rebuild it from the log (annals replay)',
      { cause },
    )
    this.collection = collection
    this.id = id
  }
}

/** A text that no document can be known by. */
export class InvalidDocumentIdError extends Error {
  override readonly name = 'InvalidDocumentIdError'
  readonly collection: string
  readonly id: string

  constructor(collection: string, id: string, expected = 'Unicode text without NUL') {
    super(`${JSON.stringify(id.slice(0, 100))} is no id of a document in ${collection}: it must be ${expected}`)
    this.collection = collection
    this.id = id
  }
}

/** A message that the store cannot keep as it is. */
export class InvalidMessageError extends Error {
  override readonly name = 'InvalidMessageError'
  readonly communityId: string
  /** Its place in the batch, from 0. */
  readonly index: number
  readonly field: string

  constructor(communityId: string, index: number, field: string, expected: string) {
    super(
      `message ${index} of a batch for ${communityId} has no valid ${field}: expected ${expected}; nothing was stored`,
    )
    this.communityId = communityId
    this.index = index
    this.field = field
  }
}

/** No blob is known by this key. */
export class BlobMissingError extends Error {
  override readonly name = 'BlobMissingError'
  readonly key: string

  constructor(key: string, cause?: unknown) {
    super(`there is no blob ${key}: it was deleted, or the blobs' folder is not the one that belongs to the database`, {
      cause,
    })
    this.key = key
  }
}

/** What is stored under a key is not what was put there. */
export class BlobCorruptError extends Error {
  override readonly name = 'BlobCorruptError'
  readonly key: string
  /** SHA-256 of what is there. */
  readonly actualKey: string

  constructor(key: string, actualKey: string) {
    super(
      `the blob ${key} is damaged, its content hashes to ${actualKey}: restore it from a backup, or delete it and put it again`,
    )
    this.key = key
    this.actualKey = actualKey
  }
}

/** A text that is no blob's key. */
export class InvalidBlobKeyError extends Error {
  override readonly name = 'InvalidBlobKeyError'
  readonly key: string

  constructor(key: string) {
    super(`${JSON.stringify(key.slice(0, 100))} is no key of a blob: expected 64 lower-case hex digits`)
    this.key = key
  }
}
