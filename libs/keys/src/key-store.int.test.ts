import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StateStore } from '@annals/storage'
import { Secret, toHex } from '@annals/crypto'
import { communityKeys, groupKeys } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import type { GroupKey } from './group-keys.ts'
import { lastSequence } from './group-keys.ts'
import { KeyHeldHereError, SequencesExhaustedError, UnknownGroupKeyError } from './key-errors.ts'
import { MasterKeyMissingError } from './master/master-key-errors.ts'
import { openKeyStore } from './open-key-store.ts'
import { SealBrokenError, UnknownMasterKeyError } from './sealed/seal-errors.ts'
import { newKey, openTestKeys } from './testing/open-keys.ts'

/** Whether any file of a folder holds the bytes, as they are, in hex or in base64. */
function holds(folder: string, secret: Secret): boolean {
  const bytes = Buffer.from(secret.reveal())
  const forms = [bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('base64').slice(0, 40))]
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some(({ name }) => {
      const content = readFileSync(join(folder, name))
      return forms.some((form) => content.includes(form))
    })
}

/** The store of a process that is killed before the files are cleaned. */
const failing = (state: StateStore): StateStore => ({
  collection: (definition) => state.collection(definition),
  scrub: () => Promise.reject(new TypeError('killed')),
  [Symbol.asyncDispose]: async () => {},
})

describe('community keys', () => {
  it('come back as they were put, and stand nowhere in the files', async () => {
    await using keys = await openTestKeys()
    const { communities } = await keys.open()
    const { communityId, privateKey } = newKey()
    expect(await communities.put(privateKey)).toEqual({ communityId, added: true })
    expect(await communities.put(privateKey)).toEqual({ communityId, added: false })
    expect((await (await keys.open()).communities.get(communityId))?.reveal()).toEqual(privateKey.reveal())
    expect(await communities.get(newKey().communityId)).toBeUndefined()
    expect(holds(keys.folder, privateKey)).toBe(false)
    await keys.state.scrub()
    expect(holds(keys.folder, privateKey)).toBe(false)
  })

  it('are encrypted otherwise each time', async () => {
    await using keys = await openTestKeys()
    const { communities } = await keys.open()
    const { communityId, privateKey } = newKey()
    const rows = keys.state.collection(communityKeys)
    const seen = new Set<string>()
    for (let time = 0; time < 3; time += 1) {
      await communities.put(privateKey)
      const row = await rows.get(communityId)
      seen.add(JSON.stringify(row?.value))
      await rows.delete(communityId, row?.version ?? 0)
    }
    expect(seen.size).toBe(3)
  })

  it('that were written before keys were encrypted are, and nothing of them is left in the files', async () => {
    await using keys = await openTestKeys()
    const { communityId, privateKey } = newKey()
    const rows = keys.state.collection(communityKeys)
    await rows.put(communityId, { privateKey: toHex(privateKey.reveal()) }, 0)
    // Filler, overwritten: what an older version of the file held lies in pages that are free.
    for (let i = 0; i < 50; i += 1) await rows.put(`filler ${i}`, { privateKey: `0x${'0'.repeat(63)}1` }, 0)
    expect(holds(keys.folder, privateKey)).toBe(true)
    const { communities } = await keys.open()
    expect(holds(keys.folder, privateKey)).toBe(false)
    expect((await communities.get(communityId))?.reveal()).toEqual(privateKey.reveal())
  })

  it('are encrypted also where the process died before the files were cleaned', async () => {
    await using keys = await openTestKeys()
    const { communityId, privateKey } = newKey()
    await keys.state.collection(communityKeys).put(communityId, { privateKey: toHex(privateKey.reveal()) }, 0)
    const log = { info: (): void => undefined, warn: (): void => undefined }
    const { masterKeyFile } = keys
    await expect(openKeyStore({ state: failing(keys.state), masterKeyFile, make: true, log })).rejects.toBeInstanceOf(
      TypeError,
    )
    expect(holds(keys.folder, privateKey)).toBe(true)
    await keys.open()
    expect(holds(keys.folder, privateKey)).toBe(false)
  })

  it('are encrypted when they are read, where an older version wrote them since the start', async () => {
    await using keys = await openTestKeys()
    const { communities } = await keys.open()
    const { communityId, privateKey } = newKey()
    await keys.state.collection(communityKeys).put(communityId, { privateKey: toHex(privateKey.reveal()) }, 0)
    expect((await communities.get(communityId))?.reveal()).toEqual(privateKey.reveal())
    expect(JSON.stringify(await keys.state.collection(communityKeys).get(communityId))).not.toContain('privateKey')
  })

  it('do not open under another id, nor changed, and say nothing of what they hold', async () => {
    await using keys = await openTestKeys()
    const { communities } = await keys.open()
    const [one, two] = [newKey(), newKey()]
    await communities.put(one.privateKey)
    const rows = keys.state.collection(communityKeys)
    const row = await rows.get(one.communityId)
    if (row === undefined || 'privateKey' in row.value) throw new Error('nothing was put')
    await rows.put(two.communityId, row.value, 0)
    await expect(communities.get(two.communityId)).rejects.toBeInstanceOf(SealBrokenError)
    const changed = Buffer.from(row.value.sealed.bytes, 'base64')
    for (const at of [0, 40, 60, changed.length - 1]) {
      const bytes = Buffer.from(changed)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      const sealed = { ...row.value.sealed, bytes: bytes.toString('base64') }
      const now = await rows.get(one.communityId)
      await rows.put(one.communityId, { ...row.value, sealed }, now?.version ?? 0)
      await expect(communities.get(one.communityId)).rejects.toMatchObject({
        name: 'SealBrokenError',
        kind: 'community-key',
        id: one.communityId,
      })
    }
    await rows.put('0xbroken', { privateKey: '0xabcdef123456' }, 0)
    const error: unknown = await communities.get('0xbroken').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SealBrokenError)
    expect(String(error)).not.toContain('abcdef')
  })

  it('are let go to their owner’s signer where they are not here, and come back by an import', async () => {
    await using keys = await openTestKeys()
    const { communities } = await keys.open()
    const { communityId, privateKey } = newKey()
    const first = await communities.delegate(communityId)
    const second = await communities.delegate(communityId)
    expect(second.reveal()).not.toEqual(first.reveal())
    expect((await communities.signerToken(communityId))?.reveal()).toEqual(second.reveal())
    expect([await communities.holder(communityId), await communities.get(communityId)]).toEqual(['owner', undefined])
    expect(await communities.put(privateKey)).toEqual({ communityId, added: true })
    expect(await communities.holder(communityId)).toBe('node')
    expect(await communities.signerToken(communityId)).toBeUndefined()
    await expect(communities.delegate(communityId)).rejects.toBeInstanceOf(KeyHeldHereError)
  })
})

describe('master keys', () => {
  it('are rotated while the process runs: the first encrypts, all decrypt', async () => {
    await using keys = await openTestKeys()
    const store = await keys.open()
    const all = [newKey(), newKey(), newKey()]
    const group = groupKey(all[0]?.communityId ?? '', 1)
    for (const { privateKey } of all) await store.communities.put(privateKey)
    await store.communities.delegate(newKey().communityId)
    await store.groups.put(group)
    keys.addMasterKey()
    // Another process that has the new key writes with it; this one reads the file anew.
    const other = newKey()
    await (await keys.open()).communities.put(other.privateKey)
    expect((await store.communities.get(other.communityId))?.reveal()).toEqual(other.privateKey.reveal())
    const { masterKeyId, ...counts } = await store.rotate()
    expect(counts).toEqual({ rotated: 5, current: 1 })
    expect(await store.rotate()).toEqual({ rotated: 0, current: 6, masterKeyId })
    // The old one can go.
    const [newest = ''] = readFileSync(keys.masterKeyFile, 'utf8').split('\n')
    writeFileSync(keys.masterKeyFile, newest)
    const after = await keys.open()
    for (const { communityId, privateKey } of all)
      expect((await after.communities.get(communityId))?.reveal()).toEqual(privateKey.reveal())
    expect((await after.groups.get(group.communityId, group.keyId))?.key.reveal()).toEqual(group.key.reveal())
  })

  it('that are not those of the store are told from damage', async () => {
    await using keys = await openTestKeys()
    const { communityId, privateKey } = newKey()
    await (await keys.open()).communities.put(privateKey)
    writeFileSync(keys.masterKeyFile, randomBytes(32))
    const { communities } = await keys.open()
    await expect(communities.get(communityId)).rejects.toBeInstanceOf(UnknownMasterKeyError)
    await expect(communities.get(communityId)).rejects.toMatchObject({ id: communityId, path: keys.masterKeyFile })
  })

  it('are never made anew where the store holds what they opened, nor where they are not to be made', async () => {
    await using keys = await openTestKeys()
    await expect(keys.open({ make: false })).rejects.toMatchObject({ name: 'MasterKeyMissingError', lost: false })
    await (await keys.open()).communities.put(newKey().privateKey)
    rmSync(keys.masterKeyFile)
    await expect(keys.open()).rejects.toBeInstanceOf(MasterKeyMissingError)
    await expect(keys.open()).rejects.toMatchObject({ lost: true })
    expect(existsSync(keys.masterKeyFile)).toBe(false)
  })
})

let numbers = 0

function groupKey(communityId: string, timestampMilliseconds: number, groupId = Buffer.from(communityId)): GroupKey {
  const keyId = Buffer.alloc(32, (numbers += 1))
  const deprecatedKeyId = timestampMilliseconds >>> 0
  return { communityId, groupId, keyId, timestampMilliseconds, deprecatedKeyId, key: new Secret(randomBytes(32)) }
}

describe('group keys', () => {
  it('are found by their id, by the one that older messages use, and as the newest', async () => {
    await using keys = await openTestKeys()
    const { groups } = await keys.open()
    const { communityId } = newKey()
    const channel = Buffer.from(`${communityId}general`)
    const all = [
      groupKey(communityId, 1_700_000_000_000),
      groupKey(communityId, 1_700_000_000_001),
      groupKey(communityId, 1_800_000_000_000, channel),
      groupKey(newKey().communityId, 1_900_000_000_000),
    ]
    for (const key of all) expect([await groups.put(key), await groups.put(key)]).toEqual([true, false])
    const [first, second, third] = all
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are four')
    const { groupId } = first
    expect((await groups.get(communityId, second.keyId))?.key.reveal()).toEqual(second.key.reveal())
    expect(await groups.get(communityId, Buffer.alloc(32, 255))).toBeUndefined()
    const found = await groups.getDeprecated(communityId, groupId, first.deprecatedKeyId)
    expect(found?.key.reveal()).toEqual(first.key.reveal())
    expect(await groups.getDeprecated(communityId, groupId, third.deprecatedKeyId)).toBeUndefined()
    expect((await groups.newest(communityId, groupId))?.key.reveal()).toEqual(second.key.reveal())
    expect((await groups.newest(communityId, channel))?.key.reveal()).toEqual(third.key.reveal())
    expect(await Array.fromAsync(groups.list(communityId))).toHaveLength(3)
    expect(await Array.fromAsync(groups.list())).toHaveLength(4)
    for (const { key } of all) expect(holds(keys.folder, key)).toBe(false)
  })

  it('do not open where what stands beside them was changed', async () => {
    await using keys = await openTestKeys()
    const { groups } = await keys.open()
    const key = groupKey(newKey().communityId, 5)
    await groups.put(key)
    const rows = keys.state.collection(groupKeys)
    const [row] = await Array.fromAsync(rows.list())
    if (row === undefined) throw new Error('nothing was put')
    await rows.put(row.id, { ...row.value, timestampMilliseconds: 6 }, row.version)
    await expect(groups.get(key.communityId, key.keyId)).rejects.toBeInstanceOf(SealBrokenError)
  })

  it('never give a sequence number twice, however many ask at once', async () => {
    await using keys = await openTestKeys()
    const stores = [await keys.open(), await keys.open()]
    const key = groupKey(newKey().communityId, 5)
    await stores[0]?.groups.put(key)
    const taken: number[] = []
    const take = async (store: (typeof stores)[0], count: number): Promise<void> => {
      const first = await store.groups.reserveSequences(key.communityId, key.keyId, count)
      for (let i = 0; i < count; i += 1) taken.push(first + i)
    }
    await Promise.all(stores.flatMap((store) => [1, 3, 1, 2, 1].map((count) => take(store, count))))
    expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
  })

  it('give a number away before it is used: a process that dies in between leaves it out', async () => {
    await using keys = await openTestKeys()
    const { groups } = await keys.open()
    const key = groupKey(newKey().communityId, 5)
    await groups.put(key)
    const { communityId, keyId } = key
    expect(await groups.reserveSequences(communityId, keyId)).toBe(1)
    expect(await (await keys.open()).groups.reserveSequences(communityId, keyId)).toBe(2)
    await groups.skipSequences(communityId, keyId, 10)
    await groups.skipSequences(communityId, keyId, 5)
    expect(await groups.reserveSequences(communityId, keyId)).toBe(11)
  })

  it('end with the last number that members follow, and are to be here', async () => {
    await using keys = await openTestKeys()
    const { groups } = await keys.open()
    const key = groupKey(newKey().communityId, 5)
    const { communityId, keyId } = key
    await expect(groups.reserveSequences(communityId, keyId)).rejects.toBeInstanceOf(UnknownGroupKeyError)
    await expect(groups.skipSequences(communityId, keyId, 1)).rejects.toBeInstanceOf(UnknownGroupKeyError)
    await groups.put(key)
    await groups.skipSequences(communityId, keyId, lastSequence - 1)
    await expect(groups.reserveSequences(communityId, keyId, 2)).rejects.toBeInstanceOf(SequencesExhaustedError)
    expect(await groups.reserveSequences(communityId, keyId)).toBe(lastSequence)
    await expect(groups.reserveSequences(communityId, keyId)).rejects.toMatchObject({ keyId: toHex(keyId) })
  })
})
