import { CryptoError } from '../errors.ts'

/** A message about a community that somebody else than the community signed. */
export class ForeignSignerError extends CryptoError {
  override readonly name = 'ForeignSignerError'
  /** The community id that the signing key has. */
  readonly signer: string
  readonly communityId: string

  constructor(signer: string, communityId: string) {
    super(`a message about community ${communityId.slice(0, 80)} is signed by ${signer}`)
    this.signer = signer
    this.communityId = communityId
  }
}
