import { GroupKey, isEncrypted, parseCommunityId, toHex } from '@annals/crypto'
import { ProtocolMessage } from '@annals/proto/status/v1/protocol'
import { describe, expect, it } from 'vitest'
import { NoGroupKeyError } from './key-errors.ts'
import { newKey, openTestKeys } from './testing/open-keys.ts'

const plain = new TextEncoder().encode('what only members read')

function keyOf(communityId: string, number: number, groupId = parseCommunityId(communityId)): GroupKey {
  return new GroupKey({ groupId, key: new Uint8Array(32).fill(number), timestampMilliseconds: 2 ** 32 + number })
}

/** As older clients write: the key is named by 32 bits of its time and its group. */
function withoutKeyId(encrypted: Uint8Array, groupId?: Uint8Array): Uint8Array {
  const message = ProtocolMessage.decode(encrypted)
  const header = message.encryptedMessage['none']?.hrHeader
  if (header === undefined) throw new Error('it is for no group')
  header.keyId = Buffer.alloc(0)
  if (groupId !== undefined) header.groupId = Buffer.from(groupId)
  return ProtocolMessage.encode(message).finish()
}

describe('group cipher', () => {
  it('encrypts under the newest key of the community, each time under a number of its own', async () => {
    await using opened = await openTestKeys()
    const { cipher, groups } = await opened.open()
    const { communityId } = newKey()
    expect(await cipher.encrypts(communityId)).toBe(false)
    await expect(cipher.encrypt(communityId, plain)).rejects.toBeInstanceOf(NoGroupKeyError)
    await groups.putRead(communityId, keyOf(communityId, 2))
    await groups.putRead(communityId, keyOf(communityId, 1))
    const all = await Promise.all([1, 2, 3, 4].map(() => cipher.encrypt(communityId, plain)))
    const again = await (await opened.open()).cipher.encrypt(communityId, plain)
    const messages = [...all, again].map((bytes) => ProtocolMessage.decode(bytes))
    const headers = messages.map((message) => message.encryptedMessage['none']?.hrHeader)
    expect(headers.map((header) => header?.seqNo ?? 0).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
    expect(new Set(headers.map((header) => toHex(header?.keyId ?? Buffer.alloc(0))))).toEqual(
      new Set([toHex(keyOf(communityId, 2).keyId)]),
    )
    // One control node, also after a restart.
    expect(new Set(messages.map(({ installationId }) => installationId)).size).toBe(1)
    for (const bytes of all)
      expect(await cipher.open(communityId, bytes)).toMatchObject({ kind: 'opened', plain, encrypted: true })
  })

  it('gives back what is not encrypted as it is', async () => {
    await using opened = await openTestKeys()
    const { cipher } = await opened.open()
    expect(isEncrypted(plain)).toBe(false)
    expect(await cipher.open(newKey().communityId, plain)).toEqual({ kind: 'opened', plain, encrypted: false })
  })

  it('says which key is missing, by its id or as older clients name it, and opens once it is here', async () => {
    await using from = await openTestKeys()
    await using to = await openTestKeys()
    const [sender, reader] = [await from.open(), await to.open()]
    const { communityId } = newKey()
    const key = keyOf(communityId, 1)
    await sender.groups.putRead(communityId, key)
    const encrypted = await sender.cipher.encrypt(communityId, plain)
    const older = withoutKeyId(encrypted)
    const byId = { keyId: toHex(key.keyId) }
    const byTime = { deprecatedKeyId: 1, groupId: communityId }
    // Another key of the group, which does not go for it.
    await reader.groups.putRead(communityId, keyOf(communityId, 2))
    expect(await reader.cipher.open(communityId, encrypted)).toEqual({ kind: 'key-missing', wanted: byId })
    expect(await reader.cipher.open(communityId, older)).toEqual({ kind: 'key-missing', wanted: byTime })
    for (const wanted of [byId, byTime]) expect(await reader.cipher.has(communityId, wanted)).toBe(false)
    await reader.groups.putRead(communityId, key)
    for (const wanted of [byId, byTime]) expect(await reader.cipher.has(communityId, wanted)).toBe(true)
    for (const bytes of [encrypted, older])
      expect(await reader.cipher.open(communityId, bytes)).toMatchObject({ kind: 'opened', plain })
  })

  it('refuses what was changed, and a group whose name is longer than any', async () => {
    await using opened = await openTestKeys()
    const { cipher, groups } = await opened.open()
    const { communityId } = newKey()
    await groups.putRead(communityId, keyOf(communityId, 1))
    const encrypted = await cipher.encrypt(communityId, plain)
    const changed = encrypted.slice()
    changed[80] = (changed[80] ?? 0) ^ 1
    expect(await cipher.open(communityId, changed)).toMatchObject({
      kind: 'refused',
      error: { name: 'UndecryptableError' },
    })
    const endless = withoutKeyId(encrypted, new Uint8Array(10_000).fill(7))
    expect(await cipher.open(communityId, endless)).toMatchObject({
      kind: 'refused',
      error: { name: 'InvalidMessageBytesError' },
    })
  })
})
