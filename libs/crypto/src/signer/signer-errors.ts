import { CryptoError } from '../errors.ts'

/** What all errors of a signer are. */
export abstract class SignerError extends CryptoError {
  abstract readonly communityId: string
}

/** Nobody here can sign for the community: neither is its key here, nor does its owner sign. */
export class NoSigningKeyError extends SignerError {
  override readonly name = 'NoSigningKeyError'
  readonly communityId: string

  constructor(communityId: string) {
    super(
      `nobody can sign for ${communityId}: its private key is not here. Import it, let its owner sign, ` +
        'or restore the state store from a backup',
    )
    this.communityId = communityId
  }
}

/** Whoever signs for the community does not answer. What is to be signed waits; asking again later is right. */
export class SignerUnavailableError extends SignerError {
  override readonly name = 'SignerUnavailableError'
  readonly communityId: string

  constructor(communityId: string, options?: ErrorOptions) {
    super(`the signer of ${communityId} has not answered yet; the request waits for it`, options)
    this.communityId = communityId
  }
}

/** Whoever signs for the community looked at the request and will not sign it. */
export class SignerRefusedError extends SignerError {
  override readonly name = 'SignerRefusedError'
  readonly communityId: string
  readonly reason: string

  constructor(communityId: string, reason: string, options?: ErrorOptions) {
    super(`the signer of ${communityId} refuses: ${reason}`, options)
    this.communityId = communityId
    this.reason = reason
  }
}

/** What came as the community's signature is that of somebody else, or of nobody. */
export class WrongSignatureError extends SignerError {
  override readonly name = 'WrongSignatureError'
  readonly communityId: string
  /** Whose it is; absent where it is no signature. */
  readonly signer: string | undefined

  constructor(communityId: string, signer: string | undefined, options?: ErrorOptions) {
    super(`a signature came for ${communityId} that its key did not make: see who else answers as its signer`, options)
    this.communityId = communityId
    this.signer = signer
  }
}
