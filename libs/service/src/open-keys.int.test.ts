import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { AnnalsConfig } from './config.ts'
import { readEnv } from './config.ts'
import { masterKeyFileOf } from './open-keys.ts'
import { startNode } from './start-node.ts'
import { addControlled, openTestNode, testFolder } from './testing/index.ts'

const log = pino({ level: 'silent' })

function configIn(path: string): AnnalsConfig {
  return readEnv({ ANNALS_DATA: join(path, 'data'), ANNALS_CHANNEL: join(path, 'channel') })
}

it('keys › the embedded set makes its master key at the first start, and a process without keys does not', async () => {
  await using folder = await testFolder()
  const config = configIn(folder.path)
  const masterKeyFile = join(config.dataFolder, 'master.key')
  {
    await using node = await startNode([], { config, log })
    expect(existsSync(masterKeyFile)).toBe(false)
    expect(() => node.context.keys.communities).toThrow(expect.objectContaining({ name: 'NoKeysError' }) as Error)
    const request = { communityId: '', type: 43, payload: new Uint8Array() } as const
    await expect(node.context.signer.sign(request)).rejects.toMatchObject({ name: 'NoKeysError' })
  }
  await using _ = await startNode([], { config, log, keys: true })
  expect(existsSync(masterKeyFile)).toBe(true)
})

it('keys › a start without the master key of what is in the store fails, and leaves everything as it is', async () => {
  await using folder = await testFolder()
  const options = { folder: folder.path }
  {
    await using node = await openTestNode(options)
    await addControlled(node.context)
  }
  const path = join(folder.path, 'data', 'master.key')
  rmSync(path)
  await expect(openTestNode(options)).rejects.toMatchObject({ name: 'MasterKeyMissingError', path, lost: true })
  expect(existsSync(path)).toBe(false)
})

it('keys › processes that share engines are told which file to share, and make none', () => {
  const shared = { ...configIn('/nowhere'), natsUrl: 'nats://127.0.0.1' }
  expect(() => masterKeyFileOf(shared)).toThrow(
    expect.objectContaining({ problems: [expect.objectContaining({ variable: 'ANNALS_MASTER_KEY_FILE' })] }) as Error,
  )
  expect(masterKeyFileOf({ ...shared, masterKeyFile: '/run/key' })).toBe('/run/key')
})
