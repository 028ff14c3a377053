import type { TestGateway } from '@annals/gateway/testing'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupKey, communityIdOfPrivateKey, encodeGroupKeys, parseCommunityId, toHex } from '@annals/crypto'
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

  it('hands the keys out into a new file of one’s own, and takes such a file in', async () => {
    const { communityId } = await run<{ communityId: string }>('community', 'add', '--name', 'E', '--encrypted')
    const exported = join(folder, 'exported.json')
    expect(await run('group-keys', 'export', communityId, exported)).toEqual({ exported: 1, file: exported })
    expect((await stat(exported)).mode & 0o777).toBe(0o600)
    const written = await readFile(exported, 'utf8')
    await using other = await startTestGateway()
    const there = { ANNALS_DATA: other.context.config.dataFolder }
    const importing = ['group-keys', 'import', communityId, exported]
    expect(await runJson(importing, there)).toMatchObject({ added: 1 })
    expect(await runJson(importing, there)).toMatchObject({ added: 0 })
    const [keys, taken] = await Promise.all([
      run<Key[]>('group-keys', 'list', communityId),
      runJson<Key[]>(['group-keys', 'list', communityId], there),
    ])
    expect(taken).toEqual(keys)
    // Neither over what is there, nor to where somebody may look.
    for (const name of [exported, '-', join(folder, 'none', 'file')])
      expect(await runCli(['group-keys', 'export', communityId, name], env())).toMatchObject({
        exitCode: 2,
        stdout: '',
      })
    expect(await readFile(exported, 'utf8')).toBe(written)
  })

  it('makes no file where there are no keys, and takes in no other file, of which it says nothing', async () => {
    const communityId = communityIdOfPrivateKey(new Uint8Array(32).fill(5))
    const none = join(folder, 'no-keys.json')
    expect(await runCli(['group-keys', 'export', communityId, none], env())).toMatchObject({ exitCode: 1 })
    await expect(stat(none)).rejects.toMatchObject({ code: 'ENOENT' })
    const secret = 'ab'.repeat(32)
    const format = 'annals-group-keys-1'
    const key = { groupId: communityId, key: secret, timestampMilliseconds: 1, nextSequence: 1 }
    const documents = [
      { format: 'another', communityId, keys: [key] },
      { format, communityId: `0x02${'0'.repeat(64)}`, keys: [key] },
      { format, communityId, keys: [{ ...key, key: `${secret}ab` }] },
      { format, communityId, keys: [{ ...key, timestampMilliseconds: '1' }] },
      { format, communityId, keys: [] },
    ]
    const texts = [...documents.map((document) => JSON.stringify(document)), `{"keys": "${secret}`]
    for (const [at, text] of texts.entries()) {
      const result = await runCli(['group-keys', 'import', communityId, await file(`bad-${at}`, text)], env())
      expect(result).toMatchObject({ exitCode: 2, stdout: '' })
      expect(result.stderr).not.toContain(secret.slice(0, 16))
    }
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
