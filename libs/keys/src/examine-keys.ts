import type { CommunityKeyDocument, GroupKeyDocument } from '@annals/storage'
import { sealedCommunityKey } from './community-keys.ts'
import { sealedGroupKey } from './group-keys.ts'
import { MasterKeys } from './master/master-keys.ts'
import { SealBrokenError, UnknownMasterKeyError } from './sealed/seal-errors.ts'
import { unseal } from './sealed/seal.ts'

/** What a store has of secrets, as it stands there. */
export interface StoredSecrets {
  readonly communityKeys: readonly { readonly id: string; readonly value: CommunityKeyDocument }[]
  readonly groupKeys: readonly { readonly id: string; readonly value: GroupKeyDocument }[]
}

/** Whether the secrets of a store can be read; nothing of them is in it. Ids are those of the store's documents. */
export interface KeyExamination {
  readonly masterKeys: number
  readonly opened: number
  /** Encrypted under master keys that are not in the file. */
  readonly unknown: readonly { readonly id: string; readonly masterKeyId: string }[]
  /** Changed, moved or damaged. */
  readonly broken: readonly string[]
  /** Not encrypted yet. */
  readonly plain: readonly string[]
}

/**
 * Opens every secret once, and forgets it.
 * @throws MasterKeyFileError
 */
export function examineKeys(masterKeyFile: string, { communityKeys, groupKeys }: StoredSecrets): KeyExamination {
  const masterKeys = new MasterKeys(masterKeyFile)
  const unknown: { id: string; masterKeyId: string }[] = []
  const broken: string[] = []
  const plain: string[] = []
  let opened = 0
  const sealed = [
    ...communityKeys.map(({ id, value }) => ({ id, found: sealedCommunityKey(id, value) })),
    ...groupKeys.map(({ id, value }) => ({ id, found: sealedGroupKey(id, value) })),
  ]
  for (const { id, found } of sealed) {
    if (found === undefined) {
      plain.push(id)
      continue
    }
    try {
      unseal(masterKeys, found.what, found.sealed)
      opened += 1
    } catch (error) {
      if (error instanceof UnknownMasterKeyError) unknown.push({ id, masterKeyId: error.masterKeyId })
      else if (error instanceof SealBrokenError) broken.push(id)
      else throw error
    }
  }
  return { masterKeys: masterKeys.count, opened, unknown, broken, plain }
}
