/** The community's private key is here, so that nobody else is to sign for it. */
export class KeyHeldHereError extends Error {
  override readonly name = 'KeyHeldHereError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`the private key of ${communityId} is here already; its owner's signer is for keys that are not`)
    this.communityId = communityId
  }
}

/** A ratchet key has given out all numbers that members would take. */
export class SequencesExhaustedError extends Error {
  override readonly name = 'SequencesExhaustedError'
  readonly communityId: string
  readonly keyId: string

  constructor(communityId: string, keyId: string) {
    super(`key ${keyId} of ${communityId} has no sequence numbers left that members would follow: make a new key`)
    this.communityId = communityId
    this.keyId = keyId
  }
}

/** A community's archives are encrypted, and there is no key here to encrypt with. */
export class NoGroupKeyError extends Error {
  override readonly name = 'NoGroupKeyError'
  readonly communityId: string

  constructor(communityId: string) {
    super(
      `archives of ${communityId} are encrypted, and no key of the community is here: import its newest, or make one`,
    )
    this.communityId = communityId
  }
}

/** A community has a key already, so that a first one would take its place unawares. */
export class GroupKeyExistsError extends Error {
  override readonly name = 'GroupKeyExistsError'
  readonly communityId: string

  constructor(communityId: string) {
    super(`${communityId} has a key already: rotate it to archive under a new one`)
    this.communityId = communityId
  }
}

/** There is no such key of an encrypted community here. */
export class UnknownGroupKeyError extends Error {
  override readonly name = 'UnknownGroupKeyError'
  readonly communityId: string
  readonly keyId: string

  constructor(communityId: string, keyId: string) {
    super(`key ${keyId} of ${communityId} is not here; import it`)
    this.communityId = communityId
    this.keyId = keyId
  }
}
