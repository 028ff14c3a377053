import { join } from 'node:path'
import type { KeyStore } from '@annals/keys'
import type { StateStore } from '@annals/storage'
import type { Logger } from 'pino'
import { KeySigner, OwnerSigner, openKeyStore } from '@annals/keys'
import { systemClock } from './clock.ts'
import type { AnnalsConfig } from './config.ts'
import { ConfigError, settings } from './config.ts'
import type { ServiceContext } from './service.ts'

/** This process was started without its secrets. */
export class NoKeysError extends Error {
  override readonly name = 'NoKeysError'

  constructor() {
    super('this process has no keys: a service that uses them must say so in its definition (`uses`)')
  }
}

const refuse = (): never => {
  throw new NoKeysError()
}

/** Stands where a process has no secrets: whatever is asked of it is refused. */
export const noKeys: Pick<ServiceContext, 'keys' | 'signer'> = {
  keys: new Proxy({} as KeyStore, { get: refuse }),
  signer: { sign: async () => refuse() },
}

/** Where the master keys are; with the embedded set that may be left out. @throws ConfigError */
export function masterKeyFileOf(config: Pick<AnnalsConfig, 'masterKeyFile' | 'natsUrl' | 'dataFolder'>): string {
  if (config.masterKeyFile !== '') return config.masterKeyFile
  if (config.natsUrl === '') return join(config.dataFolder, 'master.key')
  const { variable } = settings.masterKeyFile
  const expects = `a file that is the same for all processes of the installation, since ${settings.natsUrl.variable} is set`
  throw new ConfigError([{ variable, found: '', expects }])
}

/**
 * The secrets of the installation. A process that has the engines for itself makes the master key where there is none
 * yet; one of many does not, since the others would not have it.
 * @throws ConfigError, MasterKeyFileError
 */
export async function openKeys(
  config: AnnalsConfig,
  state: StateStore,
  log: Logger,
): Promise<Pick<ServiceContext, 'keys' | 'signer'>> {
  const masterKeyFile = masterKeyFileOf(config)
  const keys = await openKeyStore({ state, masterKeyFile, make: config.natsUrl === '', log })
  const owners = new OwnerSigner(state, () => systemClock.nowSeconds())
  return { keys, signer: new KeySigner(keys.communities, owners) }
}
