import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import { makeMasterKeyFile } from './make-master-key-file.ts'
import {
  MasterKeyExposedError,
  MasterKeyFormError,
  MasterKeyMissingError,
  MasterKeyUnreadableError,
} from './master-key-errors.ts'
import { masterKeyOf } from './master-key.ts'
import { readMasterKeyFile } from './read-master-key-file.ts'

async function fileOf(content: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(await temporaryFolder('master'), 'master.key')
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

const idsIn = (path: string): string[] => readMasterKeyFile(path).map(({ id }) => id)

describe('a master key file', () => {
  it('is made for its user alone, once, with nothing beside it', async () => {
    const folder = join(await temporaryFolder('master'), 'not', 'there')
    const path = join(folder, 'master.key')
    makeMasterKeyFile(path)
    const ids = idsIn(path)
    makeMasterKeyFile(path)
    expect(idsIn(path)).toEqual(ids)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['master.key'])
  })

  it('holds 32 bytes, or lines of hex digits of which the first encrypts', async () => {
    const [one, two] = [randomBytes(32), randomBytes(32)]
    const [first, second] = [masterKeyOf(one).id, masterKeyOf(two).id]
    expect(idsIn(await fileOf(one))).toEqual([first])
    const text = `# of 2026\n${one.toString('hex').toUpperCase()}  # newest\r\n\n${two.toString('hex')}`
    expect(idsIn(await fileOf(text))).toEqual([first, second])
  })

  it('is refused where it is something else, and nothing of it is said', async () => {
    const almost = randomBytes(32).toString('hex').slice(1)
    for (const content of ['', '# nothing', almost, `${almost}z`, randomBytes(31), 'x'.repeat(65_537)]) {
      const path = await fileOf(content)
      const read = (): unknown => readMasterKeyFile(path)
      expect(read).toThrow(MasterKeyFormError)
      expect(read).not.toThrow(almost.slice(0, 8))
    }
    expect(() => readMasterKeyFile('/')).toThrow(MasterKeyFormError)
  })

  it('is refused where others can get at it, with its mode', async () => {
    for (const mode of [0o640, 0o604, 0o620, 0o610, 0o666]) {
      const path = await fileOf(randomBytes(32), mode)
      expect(() => readMasterKeyFile(path)).toThrow(MasterKeyExposedError)
      expect(() => readMasterKeyFile(path)).toThrow(expect.objectContaining({ path, mode }) as Error)
    }
    expect(idsIn(await fileOf(randomBytes(32), 0o400))).toHaveLength(1)
  })

  it('says where it should be and is not', async () => {
    const path = join(await temporaryFolder('master'), 'none')
    expect(() => readMasterKeyFile(path)).toThrow(MasterKeyMissingError)
    expect(() => readMasterKeyFile(path)).toThrow(expect.objectContaining({ path, lost: false }) as Error)
  })

  it('says why it cannot be made', async () => {
    const file = await fileOf('')
    expect(() => makeMasterKeyFile(join(file, 'master.key'))).toThrow(MasterKeyUnreadableError)
    const folder = await temporaryFolder('master')
    mkdirSync(join(folder, 'taken'))
    expect(() => readMasterKeyFile(join(file, 'master.key'))).toThrow(MasterKeyUnreadableError)
  })
})
