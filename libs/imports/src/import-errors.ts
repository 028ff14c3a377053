/** One record of an export cannot be used. It is set aside; the others go on. */
export class BadRecordError extends Error {
  override readonly name = 'BadRecordError'
  readonly file: string
  /** Where in the file: `line 17`, or `message 4 (byte 1203)`. */
  readonly place: string
  readonly problem: string

  constructor(file: string, place: string, problem: string) {
    super(`${file}, ${place}: ${problem}; it is left out, correct it in the file and import again`)
    this.file = file
    this.place = place
    this.problem = problem
  }
}

/** A file cannot be read as an export from a place on. What came before that place stands. */
export class ExportFileError extends Error {
  override readonly name = 'ExportFileError'
  readonly file: string
  readonly problem: string

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options)
    this.file = file
    this.problem = problem
  }
}

/** A message is not one that an import made, or its bytes do not decode. */
export class NotImportedMessageError extends Error {
  override readonly name = 'NotImportedMessageError'
}

/** The private key is not the one of the community that messages are to be made for. */
export class WrongCommunityKeyError extends Error {
  override readonly name = 'WrongCommunityKeyError'
  readonly communityId: string
  readonly keyCommunityId: string

  constructor(communityId: string, keyCommunityId: string) {
    super(
      `the private key belongs to community ${keyCommunityId}, not to ${communityId}; give the key of that community`,
    )
    this.communityId = communityId
    this.keyCommunityId = keyCommunityId
  }
}
