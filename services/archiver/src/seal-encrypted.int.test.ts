import type { WakuMessage } from '@annals/archive'
import type { ServiceContext } from '@annals/service'
import type { Snapshot } from '@annals/service/testing'
import type { Catalogue } from '@annals/storage'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { SealBuffer, decodeArchive, decodeIndex } from '@annals/archive'
import { GroupKey, Secret, fromHex, isEncrypted, parseCommunityId, toHex } from '@annals/crypto'
import { NoGroupKeyError, lastSequence, openKeyStore } from '@annals/keys'
import {
  Faults,
  InjectedFault,
  addControlled,
  eventsOf,
  messageOf,
  openTestNode,
  publishDue,
  snapshot,
} from '@annals/service/testing'
import { catalogues, emptyCatalogue, groupKeys, readBlob } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import {
  messagesToSeal,
  readJson,
  readVectorFiles,
  readVectorInput,
  skipVectors,
  vectorCases,
  vectorsNote,
} from '../../../libs/archive/testing/vectors.ts'
import { groupKeyOf, type VectorGroupKey } from '../../../libs/crypto/testing/vectors.ts'
import { sealRange } from './seal-range.ts'

const tools = { signal: new AbortController().signal, buffer: new SealBuffer() }
const sha256 = (bytes: Uint8Array): string => `0x${createHash('sha256').update(bytes).digest('hex')}`

async function seal(context: ServiceContext, communityId: string, from: number, to: number, interval?: number) {
  await sealRange(context, await publishDue(context, communityId, from, to, interval), tools)
}

async function catalogueOf(context: ServiceContext, communityId: string): Promise<Catalogue> {
  return (await context.state.collection(catalogues).get(communityId))?.value ?? emptyCatalogue
}

async function openBlob(context: ServiceContext, communityId: string, blob: string): Promise<Uint8Array> {
  const bytes = await readBlob(context.blobs, blob)
  expect(isEncrypted(bytes)).toBe(true)
  const opened = await context.keys.cipher.open(communityId, bytes)
  if (opened.kind !== 'opened') throw new Error(opened.kind)
  return opened.plain
}

async function store(context: ServiceContext, communityId: string, ...timestamps: number[]): Promise<void> {
  const messages = timestamps.map((timestamp) => messageOf(communityId, timestamp))
  await context.messages.ingest(communityId, messages, 'pending')
}

function keyOf(communityId: string, number: number, timestampMilliseconds: number): GroupKey {
  return new GroupKey({
    groupId: parseCommunityId(communityId),
    key: new Uint8Array(32).fill(number),
    timestampMilliseconds,
  })
}

describe('archiver, of an encrypted community', () => {
  it('encrypts each archive and the whole index, under the newest key, and leaves old archives as they are', async () => {
    await using node = await openTestNode()
    const { context } = node
    const communityId = await addControlled(context)
    const [first, second] = [keyOf(communityId, 1, 10), keyOf(communityId, 2, 20)]
    await context.keys.groups.putRead(communityId, first)
    await store(context, communityId, 1_100, 2_100)
    await seal(context, communityId, 1_000, 3_000)
    const before = await catalogueOf(context, communityId)
    await context.keys.groups.putRead(communityId, second)
    await store(context, communityId, 3_100)
    await seal(context, communityId, 3_000, 4_000)

    const { archives, torrent, encrypted } = await catalogueOf(context, communityId)
    expect(encrypted).toBe(true)
    expect(archives.slice(0, 2)).toEqual(before.archives)
    const index = await openBlob(context, communityId, torrent?.indexBlob ?? '')
    expect(decodeIndex(index).entries.map(({ id }) => id)).toEqual(archives.map(({ id }) => id))
    const times: number[] = []
    for (const { blob, sizeBytes, paddingBytes } of archives) {
      expect((await readBlob(context.blobs, blob)).length).toBe(sizeBytes - paddingBytes)
      for (const message of decodeArchive(await openBlob(context, communityId, blob)).messages())
        times.push((message as WakuMessage).timestamp)
    }
    expect(times).toEqual([1_100, 2_100, 3_100])
    // Two archives and an index; then one of each.
    expect(await context.keys.groups.reserveSequences(communityId, first.keyId)).toBe(4)
    expect(await context.keys.groups.reserveSequences(communityId, second.keyId)).toBe(3)
    expect((await context.messages.summary(communityId)).pending).toBe(0)
  })

  it('seals nothing plain once something was encrypted: without a key it fails, and loses nothing', async () => {
    await using node = await openTestNode()
    const { context } = node
    const communityId = await addControlled(context)
    const key = keyOf(communityId, 1, 10)
    await context.keys.groups.putRead(communityId, key)
    await store(context, communityId, 1_100)
    await seal(context, communityId, 1_000, 2_000)
    const rows = context.state.collection(groupKeys)
    const row = await rows.get(`${communityId}/${toHex(key.keyId)}`)
    if (row === undefined) throw new Error('the key is not there')
    await rows.delete(row.id, row.version)
    await store(context, communityId, 2_100)
    const due = await publishDue(context, communityId, 2_000, 3_000)
    await expect(sealRange(context, due, tools)).rejects.toBeInstanceOf(NoGroupKeyError)
    expect((await catalogueOf(context, communityId)).lastArchivedEnd).toBe(2_000)
    expect((await context.messages.summary(communityId)).pending).toBe(1)
    await rows.put(row.id, row.value, 0)
    await sealRange(context, due, tools)
    expect((await catalogueOf(context, communityId)).archives).toHaveLength(2)
  })

  it('makes a new key when the numbers of the old one are used up, and says so', async () => {
    await using node = await openTestNode()
    const { context } = node
    const communityId = await addControlled(context)
    const key = keyOf(communityId, 1, 10)
    await context.keys.groups.putRead(communityId, key)
    await context.keys.groups.skipSequences(communityId, key.keyId, lastSequence - 1)
    await store(context, communityId, 1_100)
    await seal(context, communityId, 1_000, 2_000)
    const keys = await Array.fromAsync(context.keys.groups.list(communityId))
    expect(keys).toHaveLength(2)
    const [exhausted] = await eventsOf(context, communityId, 'GroupKeyExhausted')
    expect(exhausted?.payload).toEqual({ keyId: toHex(key.keyId) })
    const { archives, torrent } = await catalogueOf(context, communityId)
    await openBlob(context, communityId, archives[0]?.blob ?? '')
    await openBlob(context, communityId, torrent?.indexBlob ?? '')
    const newest = await context.keys.groups.newest(communityId, parseCommunityId(communityId))
    // The archive took the last number of the old key, the index the first of the new one.
    expect(await context.keys.groups.reserveSequences(communityId, newest?.keyId ?? new Uint8Array())).toBe(2)
  })

  it('goes on encrypted after plain archives, which stay plain', async () => {
    await using node = await openTestNode()
    const { context } = node
    const communityId = await addControlled(context)
    await store(context, communityId, 1_100)
    await seal(context, communityId, 1_000, 2_000)
    await context.keys.groups.create(communityId, 5, false)
    await store(context, communityId, 2_100)
    await seal(context, communityId, 2_000, 3_000)
    const { archives } = await catalogueOf(context, communityId)
    const encrypted = await Promise.all(
      archives.map(async ({ blob }) => isEncrypted(await readBlob(context.blobs, blob))),
    )
    expect(encrypted).toEqual([false, true])
  })
})

interface Vectors {
  readonly communityPrivateKey: string
  readonly steps: readonly { readonly name: string; readonly groupKeys: readonly VectorGroupKey[] }[]
}

describe.skipIf(skipVectors)(`archiver, beside status-go${vectorsNote}`, () => {
  it.for(vectorCases('encrypted'))(
    'makes the archives of %s with the same ids, sizes and plain bytes',
    async (name) => {
      await using node = await openTestNode()
      const { context } = node
      const input = readVectorInput('encrypted', name)
      const { communityPrivateKey, steps } = input as unknown as Vectors
      const { communityId } = await context.keys.communities.put(new Secret(fromHex(communityPrivateKey)))
      const ids = readJson('magnet-message/ids.json') as { chats: { chatId: string; contentTopic: string }[] }
      const chats = (input.steps[0]?.topics ?? []).map((topic) => {
        const chat = ids.chats.find((each) => each.contentTopic === topic)
        const channelId = chat?.chatId.slice(communityId.length) ?? ''
        return { channelId, name: channelId }
      })
      await context.registry.execute(communityId, { type: 'AddCommunity', controlNode: true, name: '', chats }, 'test')
      for (const [at, step] of input.steps.entries()) {
        for (const key of steps[at]?.groupKeys ?? []) await context.keys.groups.putRead(communityId, groupKeyOf(key))
        await context.messages.ingest(communityId, messagesToSeal(step), 'pending')
        await seal(context, communityId, step.startDate, step.endDate, step.partitionSeconds)
        const files = readVectorFiles('encrypted', name, step.name)
        const expected = files?.expected
        const { archives, torrent } = await catalogueOf(context, communityId)
        const ours = archives.map(({ id, from, to, contentTopics, offsetBytes, sizeBytes, paddingBytes, messages }) => {
          const place = { offset: offsetBytes, size: sizeBytes, padding: paddingBytes }
          return { id, from, to, contentTopics, ...place, rawSize: sizeBytes - paddingBytes, messages }
        })
        expect(expected?.archivesByOffset).toMatchObject(ours)
        for (const [i, { blob }] of archives.entries()) {
          const theirs = expected?.archivesByOffset[i] as unknown as {
            plainSha256: string
            messageHashesSha256: string
          }
          const plain = await openBlob(context, communityId, blob)
          expect(sha256(plain)).toBe(theirs.plainSha256)
        }
        expect(torrent?.indexBytes).toBe(files?.index.length)
        const index = await openBlob(context, communityId, torrent?.indexBlob ?? '')
        const theirs = decodeIndex(fromHex((expected as unknown as { indexPlainAsRead: string }).indexPlainAsRead))
        expect(
          decodeIndex(index)
            .entries.map(({ id }) => id)
            .toSorted(),
        ).toEqual(theirs.entries.map(({ id }) => id).toSorted())
      }
    },
  )
})

/** Three weeks with a rotation before the last; what fails is delivered again. */
async function live(faults: Faults): Promise<unknown> {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  const engines = faults.wrap(context)
  const masterKeyFile = join(node.folder, 'data', 'master.key')
  const keys = await openKeyStore({ state: engines.state, masterKeyFile, make: false, log: context.log })
  const faulty = { ...context, ...engines, keys }
  await context.keys.groups.putRead(communityId, keyOf(communityId, 1, 10))
  for (const [from, ...timestamps] of [[1_000, 1_100, 1_200], [2_000], [3_000, 3_100]] as const) {
    if (from === 3_000) await context.keys.groups.putRead(communityId, keyOf(communityId, 2, 20))
    await store(context, communityId, ...timestamps)
    const due = await publishDue(context, communityId, from, from + 1_000)
    await sealRange(faulty, due, tools).catch(async (error: unknown) => {
      if (!(error instanceof InjectedFault)) throw error
      await sealRange(faulty, due, tools)
    })
  }
  return await comparable(context, communityId, await snapshot(context, communityId))
}

/** Without what the random nonces of a try change: blobs and info hashes. The plain bytes stand in their place. */
async function comparable(
  context: ServiceContext,
  communityId: string,
  { events, ...rest }: Snapshot,
): Promise<unknown> {
  const { archives, lastArchivedEnd, generation, torrent } = await catalogueOf(context, communityId)
  const plain = await Promise.all(archives.map(async ({ blob }) => sha256(await openBlob(context, communityId, blob))))
  return {
    events: events.map((event) => (event as { id: string }).id),
    archives: archives.map((archive, at) => ({ ...archive, blob: plain[at] })),
    index: sha256(await openBlob(context, communityId, torrent?.indexBlob ?? '')),
    messages: rest.messages,
    pending: rest.pending,
    lastArchivedEnd,
    generation,
  }
}

it('archiver › comes to the same encrypted archives when any effect fails once', async () => {
  const calm = new Faults()
  const expected = await live(calm)
  for (const [at, moment] of calm.moments.entries())
    expect({ moment, outcome: await live(new Faults(at)) }).toEqual({ moment, outcome: expected })
  expect(calm.moments.length).toBeGreaterThan(35)
})
