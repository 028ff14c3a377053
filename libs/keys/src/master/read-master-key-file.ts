import type { Stats } from 'node:fs'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { hasSystemCode } from '@annals/sqlite'
import {
  MasterKeyExposedError,
  MasterKeyFormError,
  MasterKeyMissingError,
  MasterKeyUnreadableError,
} from './master-key-errors.ts'
import type { MasterKey } from './master-key.ts'
import { masterKeyBytes, masterKeyOf } from './master-key.ts'

/** Far more than anybody's old keys take. */
const maxFileBytes = 65_536

/**
 * The master keys of a file, the one that encrypts first: 32 bytes, or lines of 64 hex digits with `#` before remarks.
 * @throws MasterKeyMissingError, MasterKeyExposedError, MasterKeyFormError, MasterKeyUnreadableError
 */
export function readMasterKeyFile(path: string): readonly [MasterKey, ...MasterKey[]] {
  const content = readProtected(path)
  try {
    return parseKeys(path, content)
  } finally {
    content.fill(0)
  }
}

function readProtected(path: string): Buffer {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    // Of the open file, not of the name: nobody can change what it names in between.
    const info = fstatSync(file)
    if (!info.isFile()) throw new MasterKeyFormError(path, 'is no file')
    if (isExposed(info)) throw new MasterKeyExposedError(path, info.mode & 0o777)
    if (info.size > maxFileBytes) throw new MasterKeyFormError(path, `has ${info.size} bytes`)
    const content = Buffer.alloc(info.size)
    return content.subarray(0, readSync(file, content))
  } catch (error) {
    if (!hasSystemCode(error)) throw error
    if (error.code === 'ENOENT') throw new MasterKeyMissingError(path, false)
    throw new MasterKeyUnreadableError(path, error.code, { cause: error })
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * PostgreSQL's rule for the keys of its servers: a file of one's own is for nobody else, and one of root's may be read by
 * a group, which is how Kubernetes hands secrets to a process that is not root.
 */
function isExposed({ mode, uid }: Pick<Stats, 'mode' | 'uid'>): boolean {
  if (process.platform === 'win32') return false
  const ofRoot = uid === 0 && process.getuid?.() !== 0
  return (mode & (ofRoot ? 0o037 : 0o077)) !== 0
}

function parseKeys(path: string, content: Buffer): readonly [MasterKey, ...MasterKey[]] {
  if (content.length === masterKeyBytes) return [masterKeyOf(content)]
  const keys = content
    .toString('latin1')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line, index) => {
      if (!/^[0-9a-fA-F]{64}$/.test(line)) throw new MasterKeyFormError(path, `has no key in entry ${index + 1}`)
      return masterKeyOf(Buffer.from(line, 'hex'))
    })
  const [first, ...others] = keys
  if (first === undefined) throw new MasterKeyFormError(path, 'is empty')
  return [first, ...others]
}
