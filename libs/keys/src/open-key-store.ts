import type { StateStore } from '@annals/storage'
import type { Logger } from 'pino'
import { StorageIoError } from '@annals/sqlite'
import { holdsSealed, KeyStore } from './key-store.ts'
import { makeMasterKeyFile } from './master/make-master-key-file.ts'
import { MasterKeyMissingError } from './master/master-key-errors.ts'
import { MasterKeys } from './master/master-keys.ts'

export interface KeyStoreOptions {
  readonly state: StateStore
  readonly masterKeyFile: string
  /** Makes the file where it is missing and nothing in the store was ever encrypted under what was in it. */
  readonly make: boolean
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/**
 * Opens the secrets of an installation. Keys that are not encrypted yet are, before this resolves.
 * @throws MasterKeyFileError
 */
export async function openKeyStore({ state, masterKeyFile, make, log }: KeyStoreOptions): Promise<KeyStore> {
  const store = new KeyStore(state, await openMasterKeys(state, masterKeyFile, make))
  try {
    if (await store.encryptPlainKeys()) log.info('private keys that stood in the store as they are have been encrypted')
  } catch (error) {
    // They are encrypted; somebody who looks at the database keeps its files from being written anew.
    if (!(error instanceof StorageIoError)) throw error
    log.warn({ err: error }, 'the files of the store may still hold private keys; they are cleaned at the next start')
  }
  return store
}

async function openMasterKeys(state: StateStore, path: string, make: boolean): Promise<MasterKeys> {
  try {
    return new MasterKeys(path)
  } catch (error) {
    if (!(error instanceof MasterKeyMissingError)) throw error
    if (await holdsSealed(state)) throw new MasterKeyMissingError(path, true)
    if (!make) throw error
    makeMasterKeyFile(path)
    return new MasterKeys(path)
  }
}
