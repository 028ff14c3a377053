import type { Collection, GroupKeyDocument, StateStore } from '@annals/storage'
import type { GroupKey as RatchetKey } from '@annals/crypto'
import { Secret, createGroupKey, fromHex, parseCommunityId, privateKeySeedBytes, toHex } from '@annals/crypto'
import { groupKeySequences, groupKeys, updateDocument } from '@annals/storage'
import { GroupKeyExistsError, NoGroupKeyError, SequencesExhaustedError, UnknownGroupKeyError } from './key-errors.ts'
import type { MasterKeys } from './master/master-keys.ts'
import type { SealedWhat } from './sealed/seal.ts'
import { seal, unseal } from './sealed/seal.ts'

/** Members refuse a number that is further ahead than this of what they know, and a new member knows none (formats §4). */
export const lastSequence = 100_000

/** Which key of an encrypted community it is; nothing of this is secret. */
export interface GroupKeyInfo {
  readonly communityId: string
  /** The community's id, or, of a channel's key, the text of the community's id and the channel's. */
  readonly groupId: Uint8Array
  /** 32 bytes. */
  readonly keyId: Uint8Array
  readonly timestampMilliseconds: number
  /** 32 bits of the timestamp, by which older messages name the key. */
  readonly deprecatedKeyId: number
}

export interface GroupKey extends GroupKeyInfo {
  readonly key: Secret
}

interface Sequence {
  readonly next: number
}

/** The keys of encrypted communities, encrypted, and which of their ratchet sequence numbers are taken. */
export class GroupKeys {
  readonly #rows: Collection<GroupKeyDocument>
  readonly #sequences: Collection<Sequence>
  readonly #masterKeys: MasterKeys

  constructor(state: StateStore, masterKeys: MasterKeys) {
    this.#rows = state.collection(groupKeys)
    this.#sequences = state.collection(groupKeySequences)
    this.#masterKeys = masterKeys
  }

  /**
   * Keeps a key. Resolves once it is durable; false where it is here already, and nothing changes then. That the ids
   * are those of the key is the caller's to see to.
   */
  async put(key: GroupKey): Promise<boolean> {
    let added = false
    const id = rowId(key.communityId, key.keyId)
    const fields = {
      groupId: toHex(key.groupId),
      timestampMilliseconds: key.timestampMilliseconds,
      deprecatedKeyId: key.deprecatedKeyId,
    }
    await updateDocument(this.#rows, id, (value) => {
      added = value === undefined
      return added ? { ...fields, sealed: seal(this.#masterKeys, whatOf(id, fields), key.key) } : undefined
    })
    return added
  }

  /**
   * Keeps a key as it was read from somebody's message; the rest as `put`.
   * @param usedUpTo the sequence numbers that others are known to have used: left out before the key can be used here
   */
  async putRead(
    communityId: string,
    key: RatchetKey,
    usedUpTo = 0,
  ): Promise<{ readonly info: GroupKeyInfo; readonly added: boolean }> {
    const { groupId, keyId, timestampMilliseconds, deprecatedKeyId } = key
    const info = { communityId, groupId, keyId, timestampMilliseconds, deprecatedKeyId }
    if (usedUpTo > 0) await this.#skip(rowId(communityId, keyId), usedUpTo)
    return { info, added: await this.put({ ...info, key: new Secret(key.secret()) }) }
  }

  /**
   * Makes the key that the community's archives are encrypted under from now on, and keeps it.
   * @param rotate whether it takes the place of one; else there must be none yet
   * @throws GroupKeyExistsError, NoGroupKeyError, and as `get`
   */
  async create(communityId: string, nowMilliseconds: number, rotate: boolean): Promise<GroupKeyInfo> {
    const groupId = parseCommunityId(communityId)
    const last = await this.newest(communityId, groupId)
    if (last !== undefined && !rotate) throw new GroupKeyExistsError(communityId)
    if (last === undefined && rotate) throw new NoGroupKeyError(communityId)
    const key = createGroupKey({
      groupId,
      nowMilliseconds,
      lastTimestampMilliseconds: last?.timestampMilliseconds,
      randomBytes: crypto.getRandomValues(new Uint8Array(privateKeySeedBytes)),
    })
    return (await this.putRead(communityId, key)).info
  }

  /** @throws UnknownMasterKeyError, SealBrokenError, MasterKeyFileError */
  async get(communityId: string, keyId: Uint8Array): Promise<GroupKey | undefined> {
    const id = rowId(communityId, keyId)
    const row = await this.#rows.get(id)
    return row === undefined ? undefined : this.#open(id, row.value)
  }

  /** The key that older messages name by 32 bits; of several the newest. @throws as `get` */
  async getDeprecated(
    communityId: string,
    groupId: Uint8Array,
    deprecatedKeyId: number,
  ): Promise<GroupKey | undefined> {
    return this.#newest(communityId, groupId, (info) => info.deprecatedKeyId === deprecatedKeyId)
  }

  /** The key that a group encrypts with: its newest. @throws as `get` */
  async newest(communityId: string, groupId: Uint8Array): Promise<GroupKey | undefined> {
    return this.#newest(communityId, groupId, () => true)
  }

  /** Of one community, or of all; by community. */
  async *list(communityId?: string): AsyncIterable<GroupKeyInfo & { readonly masterKeyId: string }> {
    for await (const { id, value } of this.#rows.list({ prefix: communityId === undefined ? '' : `${communityId}/` }))
      yield { ...infoOf(id, value), masterKeyId: value.sealed.masterKeyId }
  }

  /**
   * Takes sequence numbers of a key, from the one that is answered on; they are taken durably before they are answered,
   * and never given out again. Those of a process that dies, or hears no answer, are left out.
   * @throws UnknownGroupKeyError, SequencesExhaustedError; nothing is taken then
   */
  async reserveSequences(communityId: string, keyId: Uint8Array, count = 1): Promise<number> {
    if (!Number.isSafeInteger(count) || count < 1)
      throw new RangeError(`numbers to take must be 1 or more, not ${count}`)
    const id = rowId(communityId, keyId)
    if ((await this.#rows.get(id)) === undefined) throw new UnknownGroupKeyError(communityId, toHex(keyId))
    const row = await updateDocument<Sequence>(this.#sequences, id, (before = { next: 1 }) => {
      const { next } = before
      if (next + count - 1 > lastSequence) throw new SequencesExhaustedError(communityId, toHex(keyId))
      return { ...before, next: next + count }
    })
    return (row?.value.next ?? 0) - count
  }

  /**
   * Leaves out the numbers up to one that others are known to have used, such as a chat application with the same key.
   * @throws UnknownGroupKeyError
   */
  async skipSequences(communityId: string, keyId: Uint8Array, usedUpTo: number): Promise<void> {
    const id = rowId(communityId, keyId)
    if ((await this.#rows.get(id)) === undefined) throw new UnknownGroupKeyError(communityId, toHex(keyId))
    await this.#skip(id, usedUpTo)
  }

  /** The first sequence number of a key that was never given out. */
  async nextSequence(communityId: string, keyId: Uint8Array): Promise<number> {
    return (await this.#sequences.get(rowId(communityId, keyId)))?.value.next ?? 1
  }

  async #skip(id: string, usedUpTo: number): Promise<void> {
    await updateDocument<Sequence>(this.#sequences, id, (before = { next: 1 }) =>
      before.next > usedUpTo ? undefined : { ...before, next: usedUpTo + 1 },
    )
  }

  /** Encrypts under the current master key what is under another one. @throws as `get` */
  async rotate(count: (rotated: boolean) => void): Promise<void> {
    for await (const { id } of this.#rows.list()) {
      let rotated = false
      await updateDocument(this.#rows, id, (value) => {
        rotated = value !== undefined && value.sealed.masterKeyId !== this.#masterKeys.current.id
        if (value === undefined || !rotated) return undefined
        const what = whatOf(id, value)
        return { ...value, sealed: seal(this.#masterKeys, what, unseal(this.#masterKeys, what, value.sealed)) }
      })
      count(rotated)
    }
  }

  async #newest(
    communityId: string,
    groupId: Uint8Array,
    matches: (info: GroupKeyDocument) => boolean,
  ): Promise<GroupKey | undefined> {
    const group = toHex(groupId)
    let newest: { readonly id: string; readonly value: GroupKeyDocument } | undefined
    for await (const row of this.#rows.list({ prefix: `${communityId}/` })) {
      if (row.value.groupId !== group || !matches(row.value)) continue
      if (newest === undefined || row.value.timestampMilliseconds > newest.value.timestampMilliseconds) newest = row
    }
    return newest === undefined ? undefined : this.#open(newest.id, newest.value)
  }

  #open(id: string, value: GroupKeyDocument): GroupKey {
    const { what, sealed } = sealedGroupKey(id, value)
    return { ...infoOf(id, value), key: unseal(this.#masterKeys, what, sealed) }
  }
}

function rowId(communityId: string, keyId: Uint8Array): string {
  return `${communityId}/${toHex(keyId)}`
}

function infoOf(id: string, { groupId, timestampMilliseconds, deprecatedKeyId }: GroupKeyDocument): GroupKeyInfo {
  const [communityId = '', keyId = ''] = id.split('/')
  return { communityId, keyId: fromHex(keyId), groupId: fromHex(groupId), timestampMilliseconds, deprecatedKeyId }
}

/** What of a stored key is encrypted, and as what. */
export function sealedGroupKey(
  id: string,
  value: GroupKeyDocument,
): { readonly what: SealedWhat; readonly sealed: GroupKeyDocument['sealed'] } {
  return { what: whatOf(id, value), sealed: value.sealed }
}

function whatOf(id: string, info: Omit<GroupKeyDocument, 'sealed'>): SealedWhat {
  const { groupId, timestampMilliseconds, deprecatedKeyId } = info
  return { kind: 'group-key', id, beside: JSON.stringify([groupId, timestampMilliseconds, deprecatedKeyId]) }
}
