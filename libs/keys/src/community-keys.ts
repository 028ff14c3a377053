import { randomBytes } from 'node:crypto'
import type { Collection, CommunityKeyDocument, SealedDocument, StateStore, Versioned } from '@annals/storage'
import {
  Secret,
  communityIdOfPrivateKey,
  fromHex,
  parseCommunityId,
  privateKeyFromRandom,
  privateKeySeedBytes,
} from '@annals/crypto'
import { communityKeys, updateDocument } from '@annals/storage'
import { KeyHeldHereError } from './key-errors.ts'
import type { MasterKeys } from './master/master-keys.ts'
import { SealBrokenError } from './sealed/seal-errors.ts'
import type { SealedWhat } from './sealed/seal.ts'
import { seal, unseal } from './sealed/seal.ts'

const signerTokenBytes = 32

/** Who has a community's private key: this installation, or the owner, whose signer it asks. */
export type KeyHolder = 'node' | 'owner'

export interface CommunityKeyInfo {
  readonly communityId: string
  readonly holder: KeyHolder
  /** Absent where the key is still as it was written before keys were encrypted. */
  readonly masterKeyId?: string
}

const keyOf = (communityId: string): SealedWhat => ({ kind: 'community-key', id: communityId })
const tokenOf = (communityId: string): SealedWhat => ({ kind: 'signer-token', id: communityId })

/** How this installation signs for which community: private keys, encrypted, and tokens of owners' signers. */
export class CommunityKeys {
  readonly #rows: Collection<CommunityKeyDocument>
  readonly #masterKeys: MasterKeys

  /** Whether a store holds anything that a master key opens. */
  static async holdsSealed(state: StateStore): Promise<boolean> {
    for await (const { value } of state.collection(communityKeys).list()) if (!('privateKey' in value)) return true
    return false
  }

  constructor(state: StateStore, masterKeys: MasterKeys) {
    this.#rows = state.collection(communityKeys)
    this.#masterKeys = masterKeys
  }

  /**
   * Keeps a private key. Resolves once it is durable; where the key is here already, nothing changes. Where the owner
   * signed so far, the key takes the place of that.
   * @throws InvalidPrivateKeyError
   */
  async put(privateKey: Secret): Promise<{ readonly communityId: string; readonly added: boolean }> {
    const communityId = communityIdOfPrivateKey(privateKey.reveal())
    let added = false
    await updateDocument(this.#rows, communityId, (value) => {
      added = value === undefined || !isHere(value)
      return added ? this.#sealKey(communityId, privateKey) : undefined
    })
    return { communityId, added }
  }

  /** Makes the private key of a new community and keeps it. @returns the community's id */
  async create(): Promise<string> {
    const privateKey = new Secret(privateKeyFromRandom(randomBytes(privateKeySeedBytes)))
    return (await this.put(privateKey)).communityId
  }

  /**
   * The private key, where it is here. One that is not encrypted yet is, before it is answered.
   * @throws UnknownMasterKeyError, SealBrokenError, MasterKeyFileError
   */
  async get(communityId: string): Promise<Secret | undefined> {
    const row = await this.#rows.get(communityId)
    if (row === undefined) return undefined
    if ('privateKey' in row.value) {
      await this.#encrypt(row)
      return plainKey(communityId, row.value)
    }
    if (row.value.holder === 'owner') return undefined
    return unseal(this.#masterKeys, keyOf(communityId), row.value.sealed)
  }

  /** Who can sign; `undefined` where nobody can. */
  async holder(communityId: string): Promise<KeyHolder | undefined> {
    const row = await this.#rows.get(communityId)
    if (row === undefined) return undefined
    return isHere(row.value) ? 'node' : 'owner'
  }

  /**
   * Lets the owner sign: makes the token by which the owner's signer knows this installation, in the place of one that
   * was made before.
   * @throws InvalidCommunityIdError, KeyHeldHereError
   */
  async delegate(communityId: string): Promise<Secret> {
    parseCommunityId(communityId)
    const token = new Secret(randomBytes(signerTokenBytes))
    await updateDocument(this.#rows, communityId, (value): CommunityKeyDocument => {
      if (value !== undefined && isHere(value)) throw new KeyHeldHereError(communityId)
      return { holder: 'owner', sealed: seal(this.#masterKeys, tokenOf(communityId), token) }
    })
    return token
  }

  /** The token of the owner's signer, where the owner signs. @throws as `get` */
  async signerToken(communityId: string): Promise<Secret | undefined> {
    const value = (await this.#rows.get(communityId))?.value
    if (value === undefined || 'privateKey' in value || value.holder === 'node') return undefined
    return unseal(this.#masterKeys, tokenOf(communityId), value.sealed)
  }

  /** By community id. */
  async *list(): AsyncIterable<CommunityKeyInfo> {
    for await (const { id, value } of this.#rows.list())
      yield 'privateKey' in value
        ? { communityId: id, holder: 'node' }
        : { communityId: id, holder: value.holder, masterKeyId: value.sealed.masterKeyId }
  }

  /** Whether there is a key that is not encrypted. */
  async hasPlain(): Promise<boolean> {
    for await (const { value } of this.#rows.list()) if ('privateKey' in value) return true
    return false
  }

  /** Encrypts all that is not. */
  async encryptPlain(): Promise<void> {
    for await (const row of this.#rows.list()) if ('privateKey' in row.value) await this.#encrypt(row)
  }

  /** Encrypts under the current master key what is under another one. @throws as `get` */
  async rotate(count: (rotated: boolean) => void): Promise<void> {
    for await (const { id } of this.#rows.list()) {
      let rotated = false
      await updateDocument(this.#rows, id, (value) => {
        rotated = false
        if (value === undefined) return undefined
        if ('privateKey' in value) {
          rotated = true
          return this.#sealKey(id, plainKey(id, value))
        }
        if (value.sealed.masterKeyId === this.#masterKeys.current.id) return undefined
        rotated = true
        const what = value.holder === 'node' ? keyOf(id) : tokenOf(id)
        return { ...value, sealed: seal(this.#masterKeys, what, unseal(this.#masterKeys, what, value.sealed)) }
      })
      count(rotated)
    }
  }

  async #encrypt({ id }: Versioned<CommunityKeyDocument>): Promise<void> {
    await updateDocument(this.#rows, id, (value) =>
      value !== undefined && 'privateKey' in value ? this.#sealKey(id, plainKey(id, value)) : undefined,
    )
  }

  #sealKey(communityId: string, privateKey: Secret): CommunityKeyDocument {
    return { holder: 'node', sealed: seal(this.#masterKeys, keyOf(communityId), privateKey) }
  }
}

/** What of a stored key, or of an owner's token, is encrypted, and as what; `undefined` where it is not encrypted yet. */
export function sealedCommunityKey(
  id: string,
  value: CommunityKeyDocument,
): { readonly what: SealedWhat; readonly sealed: SealedDocument } | undefined {
  if ('privateKey' in value) return undefined
  return { what: value.holder === 'node' ? keyOf(id) : tokenOf(id), sealed: value.sealed }
}

function isHere(value: CommunityKeyDocument): boolean {
  return 'privateKey' in value || value.holder === 'node'
}

/** @throws SealBrokenError; what was found there may be most of a key, so that nothing of it is said */
function plainKey(communityId: string, { privateKey }: { readonly privateKey: string }): Secret {
  if (!/^0x[0-9a-f]{64}$/.test(privateKey)) throw new SealBrokenError(keyOf(communityId))
  return new Secret(fromHex(privateKey))
}
