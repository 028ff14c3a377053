import type { StateStore } from '@annals/storage'
import { groupKeys, keyChores, updateDocument } from '@annals/storage'
import { CommunityKeys } from './community-keys.ts'
import { GroupCipher } from './group-cipher.ts'
import { GroupKeys } from './group-keys.ts'
import type { MasterKeys } from './master/master-keys.ts'

/** What came of encrypting everything under the first master key. */
export interface Rotation {
  /** Secrets that are encrypted anew. */
  readonly rotated: number
  /** Those that were under it already. */
  readonly current: number
  readonly masterKeyId: string
}

/** All secrets of an installation: encrypted in its state store, under a key that is not there. */
export class KeyStore {
  readonly communities: CommunityKeys
  readonly groups: GroupKeys
  readonly cipher: GroupCipher
  readonly #state: StateStore
  readonly #masterKeys: MasterKeys

  constructor(state: StateStore, masterKeys: MasterKeys) {
    this.#state = state
    this.#masterKeys = masterKeys
    this.communities = new CommunityKeys(state, masterKeys)
    this.groups = new GroupKeys(state, masterKeys)
    this.cipher = new GroupCipher(this.groups, state)
  }

  /**
   * Reads the master keys anew and encrypts everything under the first one. What fails leaves what was done as it is: the
   * same again goes on from there.
   * @throws MasterKeyFileError, UnknownMasterKeyError, SealBrokenError
   */
  async rotate(): Promise<Rotation> {
    this.#masterKeys.reload()
    let rotated = 0
    let current = 0
    const count = (anew: boolean): void => void (anew ? rotated++ : current++)
    await this.communities.rotate(count)
    await this.groups.rotate(count)
    return { rotated, current, masterKeyId: this.#masterKeys.current.id }
  }

  /**
   * Encrypts the keys that were written before keys were encrypted, and leaves nothing of them in the files of an engine
   * of this process. What a crash cuts off goes on at the next call.
   * @returns whether there was anything to do
   */
  async encryptPlainKeys(): Promise<boolean> {
    const chores = this.#state.collection(keyChores)
    if (await this.communities.hasPlain())
      // First: after a crash that comes when they are encrypted, nobody could see that the files are still to be cleaned.
      await updateDocument(chores, 'scrub', (value) => (value === undefined ? {} : undefined))
    const chore = await chores.get('scrub')
    if (chore === undefined) return false
    await this.communities.encryptPlain()
    await this.#state.scrub()
    await chores.delete('scrub', chore.version)
    return true
  }
}

/** Whether a store holds anything that it takes a master key to read. */
export async function holdsSealed(state: StateStore): Promise<boolean> {
  for await (const _ of state.collection(groupKeys).list()) return true
  return CommunityKeys.holdsSealed(state)
}
