import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StateStore } from '@annals/storage'
import { Secret, communityIdOfPrivateKey, privateKeyFromRandom, privateKeySeedBytes } from '@annals/crypto'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { openSqliteState } from '@annals/storage'
import type { KeyStore } from '../key-store.ts'
import { openKeyStore } from '../open-key-store.ts'

const log = { info: (): void => undefined, warn: (): void => undefined }

/** A key store on an SQLite file in a temporary folder. */
export interface TestKeys extends AsyncDisposable {
  readonly folder: string
  readonly masterKeyFile: string
  readonly state: StateStore
  /** Opens the secrets of the store, as a process does at its start. */
  open(options?: { readonly make?: boolean }): Promise<KeyStore>
  /** Puts a new master key before those that the file has. */
  addMasterKey(): void
}

export async function openTestKeys(): Promise<TestKeys> {
  const folder = await temporaryFolder('keys')
  const masterKeyFile = join(folder, 'keys', 'master.key')
  const state = await openSqliteState({ path: join(folder, 'state.db') })
  return {
    folder,
    masterKeyFile,
    state,
    open: ({ make = true } = {}) => openKeyStore({ state, masterKeyFile, make, log }),
    addMasterKey: () => {
      const before = readFileSync(masterKeyFile, 'utf8')
      writeFileSync(masterKeyFile, `${randomBytes(32).toString('hex')} # newest\n${before}`)
    },
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  }
}

export interface TestKey {
  readonly communityId: string
  readonly privateKey: Secret
}

export function newKey(): TestKey {
  const bytes = privateKeyFromRandom(randomBytes(privateKeySeedBytes))
  return { communityId: communityIdOfPrivateKey(bytes), privateKey: new Secret(bytes) }
}
