import type { CryptoError, DecryptForGroupOptions, GroupDecryption, WantedGroupKey } from '@annals/crypto'
import type { StateStore, WantedKeyDocument } from '@annals/storage'
import {
  RatchetCache,
  GroupKey as RatchetKey,
  InvalidMessageBytesError,
  createInstallationId,
  decryptForGroup,
  encryptForGroup,
  fromHex,
  isEncrypted,
  parseCommunityId,
  toHex,
} from '@annals/crypto'
import { installationIds, updateDocument } from '@annals/storage'
import type { GroupKey, GroupKeys } from './group-keys.ts'
import { NoGroupKeyError } from './key-errors.ts'

/** Characters of a key's name that is kept: a channel's group id takes 230 as hex. */
const maxNameLength = 400

/** What came of reading an archive or an index as it stands in a torrent. */
export type OpenedBytes =
  | { readonly kind: 'opened'; readonly plain: Uint8Array; readonly encrypted: boolean }
  /** To be kept, and read again when the key is here. */
  | { readonly kind: 'key-missing'; readonly wanted: WantedKeyDocument }
  /** It will never be readable. */
  | { readonly kind: 'refused'; readonly error: CryptoError }

/** Encrypts and decrypts archives and indexes with the keys of encrypted communities that are kept (formats §4). */
export class GroupCipher {
  readonly #keys: GroupKeys
  readonly #state: StateStore
  readonly #ratchet = new RatchetCache()

  constructor(keys: GroupKeys, state: StateStore) {
    this.#keys = keys
    this.#state = state
  }

  /** Whether a community's archives are to be encrypted: whether it has a key of its own. @throws as `GroupKeys.get` */
  async encrypts(communityId: string): Promise<boolean> {
    return (await this.#newest(communityId)) !== undefined
  }

  /**
   * Encrypts under the next sequence number of the community's newest key, which is taken before it is used.
   * @throws NoGroupKeyError, SequencesExhaustedError, and as `GroupKeys.get`
   */
  async encrypt(communityId: string, plain: Uint8Array): Promise<Uint8Array> {
    const key = await this.#newest(communityId)
    if (key === undefined) throw new NoGroupKeyError(communityId)
    const installationId = await this.#installationId(communityId)
    const seqNo = await this.#keys.reserveSequences(communityId, key.keyId)
    const ratchet = this.#ratchet
    return (await encryptForGroup(plain, { key: toRatchetKey(key), seqNo, installationId, ratchet })).bytes
  }

  /**
   * Reads what may be encrypted; whether it is its structure says. What is not is answered as it is.
   * @throws UnknownMasterKeyError, SealBrokenError, MasterKeyFileError: the key is here and cannot be read now
   */
  async open(communityId: string, bytes: Uint8Array): Promise<OpenedBytes> {
    if (!isEncrypted(bytes)) return { kind: 'opened', plain: bytes, encrypted: false }
    const opened = await this.#decrypt(communityId, bytes)
    if (opened.kind === 'decrypted') return { kind: 'opened', plain: opened.plain, encrypted: true }
    if (opened.kind === 'refused') return opened
    const wanted = toDocument(opened.wanted)
    if (wantedKeyText(wanted).length <= maxNameLength) return { kind: 'key-missing', wanted }
    return { kind: 'refused', error: new InvalidMessageBytesError('HRHeader', 'the name of its group is too long') }
  }

  /** Whether a key that something waits for is here. @throws as `open` */
  async has(communityId: string, wanted: WantedKeyDocument): Promise<boolean> {
    return (await this.#find(communityId, toWanted(wanted))) !== undefined
  }

  /** For what is read elsewhere, such as a community's description. The look-up throws as `open`. */
  tools(communityId: string): DecryptForGroupOptions {
    return {
      ratchet: this.#ratchet,
      lookUpKey: async (wanted) => {
        const key = await this.#find(communityId, wanted)
        return key && { key: toRatchetKey(key), reachedSeqNo: 0 }
      },
    }
  }

  async #decrypt(communityId: string, bytes: Uint8Array): Promise<GroupDecryption> {
    return decryptForGroup(bytes, this.tools(communityId))
  }

  #find(communityId: string, wanted: WantedGroupKey): Promise<GroupKey | undefined> {
    return wanted.by === 'key-id'
      ? this.#keys.get(communityId, wanted.keyId)
      : this.#keys.getDeprecated(communityId, wanted.groupId, wanted.deprecatedKeyId)
  }

  #newest(communityId: string): Promise<GroupKey | undefined> {
    return this.#keys.newest(communityId, parseCommunityId(communityId))
  }

  async #installationId(communityId: string): Promise<string> {
    const rows = this.#state.collection(installationIds)
    const row = await updateDocument<{ readonly installationId: string }>(rows, communityId, (value) =>
      value === undefined ? { installationId: createInstallationId() } : undefined,
    )
    return row?.value.installationId ?? ''
  }
}

/** The name of a key, for people: its id, or 32 bits of its time and its group. */
export function wantedKeyText(wanted: WantedKeyDocument): string {
  return 'keyId' in wanted ? wanted.keyId : `${wanted.deprecatedKeyId} of ${wanted.groupId}`
}

function toRatchetKey({ groupId, key, timestampMilliseconds }: GroupKey): RatchetKey {
  return new RatchetKey({ groupId, key: key.reveal(), timestampMilliseconds })
}

function toDocument(wanted: WantedGroupKey): WantedKeyDocument {
  return wanted.by === 'key-id'
    ? { keyId: toHex(wanted.keyId) }
    : { deprecatedKeyId: wanted.deprecatedKeyId, groupId: toHex(wanted.groupId) }
}

function toWanted(wanted: WantedKeyDocument): WantedGroupKey {
  if ('keyId' in wanted) return { by: 'key-id', keyId: fromHex(wanted.keyId), groupId: undefined }
  return { by: 'deprecated-key-id', deprecatedKeyId: wanted.deprecatedKeyId, groupId: fromHex(wanted.groupId) }
}
