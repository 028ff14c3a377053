import type { TestGateway } from '@annals/gateway/testing'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupKey, encodeGroupKeys, parseCommunityId, toHex } from '@annals/crypto'
import { startTestGateway } from '@annals/gateway/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli, runJson } from './testing/run-cli.ts'

interface Key {
  readonly keyId: string
  readonly groupId: string
}

let gateway: TestGateway
let folder: string
beforeAll(async () => {
  gateway = await startTestGateway()
  folder = await mkdtemp(join(tmpdir(), 'annals-cli-'))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const env = (): Record<string, string> => ({ ANNALS_DATA: gateway.context.config.dataFolder })
const run = <T>(...args: string[]): Promise<T> => runJson<T>(args, env())

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

describe('annals group-keys', () => {
  it('makes keys, rotates them and lists their ids, from a community that is encrypted from the start', async () => {
    const { communityId } = await run<{ communityId: string }>('community', 'add', '--name', 'A', '--encrypted')
    const made = await run<Key>('group-keys', 'rotate', communityId)
    const keys = await run<Key[]>('group-keys', 'list', communityId)
    expect(keys).toHaveLength(2)
    expect(keys.map(({ keyId }) => keyId)).toContain(made.keyId)
    expect(await runCli(['group-keys', 'create', communityId], env())).toMatchObject({ exitCode: 1 })
    expect((await runCli(['group-keys', 'list'], env())).stdout).toContain('community')
  })

  it('takes an HRKeys as it is and in hex, and a key of 64 hex digits with its time', async () => {
    const communityId = '0x025207d21cd65c99dd77a5fb3bb639e91e78c910495e1a754fab08bef99529a93a'
    const groupId = parseCommunityId(communityId)
    const keys = [1, 2, 3].map(
      (number) => new GroupKey({ groupId, key: new Uint8Array(32).fill(number), timestampMilliseconds: number }),
    )
    const [one, two, three] = keys as [GroupKey, GroupKey, GroupKey]
    const imports = [
      [await file('one.bin', encodeGroupKeys([one]))],
      [await file('two.hex', `${toHex(encodeGroupKeys([two]))}\n`)],
      [await file('three.hex', `${Buffer.from(three.secret()).toString('hex')}\n`), '--timestamp', '3'],
    ]
    for (const args of imports)
      expect(await run('group-keys', 'import', communityId, ...args)).toMatchObject({ added: 1 })
    const listed = await run<Key[]>('group-keys', 'list', communityId)
    expect(listed.map(({ keyId }) => keyId).toSorted()).toEqual(keys.map(({ keyId }) => toHex(keyId)).toSorted())
    expect(await runCli(['group-keys', 'import', communityId, join(folder, 'none')], env())).toMatchObject({
      exitCode: 2,
    })
  })
})
