import { existsSync } from 'node:fs'
import type { StoredSecrets } from '@annals/keys'
import {
  MasterKeyExposedError,
  MasterKeyFormError,
  MasterKeyMissingError,
  MasterKeyUnreadableError,
  examineKeys,
} from '@annals/keys'
import { embeddedFiles, masterKeyFileOf } from '@annals/service'
import { communityKeys, groupKeys, readDocuments } from '@annals/storage'
import { listWritten } from '@annals/storage/mongo'
import { allServices } from '../../../all-services.ts'
import { defineCheck, NotCheckedError, problem, warning } from '../../check.ts'
import type { DoctorContext } from '../../doctor-context.ts'

/** What private keys and group keys are encrypted under. */
export const masterKey = defineCheck({
  name: 'master-key',
  looksAt:
    'the master key file: there, readable, ours alone, of the right form, and whether it opens the keys in the store',
  seconds: 30,
  kinds: {
    unnamed: problem(
      'ANNALS_MASTER_KEY_FILE is empty, and processes on several machines are to have the same file',
      'make a file with "openssl rand -hex 32", mode 0600, give it to every process, and name it in ANNALS_MASTER_KEY_FILE',
    ),
    missing: problem(
      'there is no such file, and processes on several machines are to have the same one',
      'make it with "openssl rand -hex 32", for the services’ user alone (mode 0600), and give it to every process',
    ),
    lost: problem(
      'there is no such file, and keys in the store are encrypted under what was in it',
      'restore it from a backup, or set ANNALS_MASTER_KEY_FILE to where it is now: without it the keys are lost',
    ),
    exposed: problem(
      'others than this user may read or write the file',
      'chmod 600 it; if others may have read it, rotate (annals keys rotate)',
    ),
    malformed: problem(
      'it is no file of 32 bytes, and no file of lines of 64 hex digits',
      'restore it from a backup; a new one is made with "openssl rand -hex 32" where no key is encrypted yet',
    ),
    unreadable: problem('the system does not let it be read', 'give the file to the user of the services (chown)'),
    unknown: problem(
      'keys in the store are encrypted under a master key that is not in the file',
      'add that master key to the file as a further line, or restore the file that belongs to this store',
    ),
    broken: problem(
      'a key in the store is not what was put there',
      'restore the store from a backup, or import the key again (annals keys import, annals group-keys import)',
    ),
    plain: warning('a private key stands in the store as it is', 'start the services once: they encrypt it'),
  },
  isWanted: ({ service }) => service === undefined || usesKeys(service),
  async look(context, report) {
    const { config, engines, service } = context
    if (engines === 'cluster' && config.masterKeyFile === '') {
      if (service === undefined)
        throw new NotCheckedError('no file is named; a service may have one: look as the service does (--service)')
      report('unnamed', { found: 'no file', expected: 'a file' })
      return ''
    }
    const path = engines === 'cluster' ? config.masterKeyFile : masterKeyFileOf({ ...config, natsUrl: '' })
    const secrets = await secretsOf(context)
    const stored = secrets.communityKeys.length + secrets.groupKeys.length
    try {
      const { masterKeys, opened, unknown, broken, plain } = examineKeys(path, secrets)
      const under = new Map([...Map.groupBy(unknown, (each) => each.masterKeyId)].map(([id, all]) => [id, all.length]))
      for (const [masterKeyId, keys] of under)
        report('unknown', { about: path, found: `${keys} keys under ${masterKeyId}`, expected: 'it in the file' })
      for (const id of broken) report('broken', { about: id, found: 'it does not open' })
      if (plain.length > 0) report('plain', { found: `${plain.length} keys`, expected: 'none' })
      return `${path} has ${masterKeys} master keys and opens all of ${opened} keys in the store`
    } catch (error) {
      if (error instanceof MasterKeyMissingError) {
        if (stored > 0) report('lost', { about: path, found: `no file, and ${stored} keys`, expected: 'the file' })
        else if (engines === 'cluster') report('missing', { about: path, found: 'no file', expected: 'a file' })
        return `there is none yet; a node makes ${path} when it starts`
      }
      const about = path
      if (error instanceof MasterKeyExposedError)
        report('exposed', { about, found: `mode ${error.mode.toString(8).padStart(4, '0')}`, expected: 'mode 0600' })
      else if (error instanceof MasterKeyFormError) report('malformed', { about, found: error.message })
      else if (error instanceof MasterKeyUnreadableError) report('unreadable', { about, found: error.code })
      else throw error
      return ''
    }
  },
})

function usesKeys(service: string): boolean {
  return allServices.some(({ name, uses }) => name === service && uses?.includes('keys') === true)
}

/** @throws NotCheckedError */
async function secretsOf(context: DoctorContext): Promise<StoredSecrets> {
  if (context.engines === 'cluster') {
    const link = await context.mongo()
    return { communityKeys: await listWritten(link, communityKeys), groupKeys: await listWritten(link, groupKeys) }
  }
  const { state } = embeddedFiles(context.config)
  if (!existsSync(state)) return { communityKeys: [], groupKeys: [] }
  try {
    return { communityKeys: readDocuments(state, communityKeys), groupKeys: readDocuments(state, groupKeys) }
  } catch (error) {
    throw new NotCheckedError('the store cannot be read (see databases)', { cause: error })
  }
}
