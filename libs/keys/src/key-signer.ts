import type { SignatureRequest, Signer } from '@annals/crypto'
import { NoSigningKeyError, signWithKey } from '@annals/crypto'
import type { CommunityKeys } from './community-keys.ts'

/**
 * Signs with the key that is here, or asks the owner's signer where the owner has it.
 */
export class KeySigner implements Signer {
  readonly #keys: CommunityKeys
  readonly #owners: Signer

  constructor(keys: CommunityKeys, owners: Signer) {
    this.#keys = keys
    this.#owners = owners
  }

  /** @throws as `Signer`, and UnknownMasterKeyError, SealBrokenError, MasterKeyFileError */
  async sign(request: SignatureRequest): Promise<Uint8Array> {
    const { communityId } = request
    const privateKey = await this.#keys.get(communityId)
    if (privateKey !== undefined) return signWithKey(privateKey, request)
    if ((await this.#keys.holder(communityId)) === 'owner') return this.#owners.sign(request)
    throw new NoSigningKeyError(communityId)
  }
}
