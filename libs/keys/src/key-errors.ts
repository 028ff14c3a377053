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
