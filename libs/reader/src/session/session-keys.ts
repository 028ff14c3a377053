import { RatchetCache, type LookUpGroupKey } from '@annals/crypto'
import { KeyRing, parseGroupKeys } from '../chat/group-keys.ts'
import { GroupKeyTextError, StorageError } from '../errors.ts'
import type { KeptPieces } from '../pieces/kept-pieces.ts'

/** The group keys of one visit. They are in memory, and in the browser's storage only where somebody wants that. */
export class SessionKeys {
  readonly ratchet = new RatchetCache()
  readonly #ring = new KeyRing()
  readonly lookUpKey: LookUpGroupKey = this.#ring.lookUp
  readonly #kept: KeptPieces

  constructor(kept: KeptPieces) {
    this.#kept = kept
  }

  /**
   * Takes keys that a person hands over. @returns how many were new
   * @throws GroupKeyTextError, StorageFullError, StorageError
   */
  async add(text: string, communityId: string, keep: boolean): Promise<number> {
    const before = this.#ring.size
    for (const key of parseGroupKeys(text, communityId)) this.#ring.add(key)
    if (keep) await this.#kept.writeKeys(communityId, this.#ring.text(communityId))
    return this.#ring.size - before
  }

  /** Takes the keys of an earlier visit. Where they cannot be had, they are asked for again. */
  async takeKept(communityId: string): Promise<void> {
    try {
      const text = await this.#kept.readKeys(communityId)
      for (const key of text === undefined ? [] : parseGroupKeys(text, communityId)) this.#ring.add(key)
    } catch (error) {
      if (!(error instanceof StorageError || error instanceof GroupKeyTextError)) throw error
    }
  }
}
