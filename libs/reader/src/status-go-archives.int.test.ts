import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { decryptForGroup, isEncrypted, RatchetCache, Secret } from '@annals/crypto'
import { importedChannelId, importIdentity, mapRecord, readExport, type ImportRecord } from '@annals/imports'
import { describe, expect, it } from 'vitest'
import {
  readJson,
  readVectorFiles,
  readVectorInput,
  skipVectors,
  vectorCases,
  vectorsFolder,
  vectorsNote,
} from '../../archive/testing/vectors.ts'
import { communityId, communityKey, sealWeek } from './testing/make-community.ts'
import { decodeWeek } from './chat/decode-week.ts'
import { KeyRing, parseGroupKeys } from './chat/group-keys.ts'
import { readWeeks } from './session/weeks.ts'

interface VectorKey {
  readonly key: string
  readonly timestamp: number
  readonly groupId: string
}

const steps = (['plain', 'encrypted'] as const).flatMap((group) =>
  skipVectors
    ? []
    : vectorCases(group).flatMap((name) =>
        readVectorInput(group, name).steps.map((step) => [group, name, step.name] as const),
      ),
)

describe.skipIf(skipVectors)(`archives of status-go${vectorsNote}`, () => {
  it.for(steps)('are read to the last message: %s %s %s', async ([group, name, step]) => {
    const files = readVectorFiles(group, name, step)
    // After some steps there is nothing yet, and the data of the largest are not kept.
    const { data, index, expected } = files ?? {}
    const ring = new KeyRing()
    const keys = group === 'encrypted' ? (readJson(`encrypted/${name}/keys.json`) as VectorKey[]) : []
    for (const { key, timestamp, groupId } of keys)
      for (const each of parseGroupKeys(`${key} ${timestamp}`, groupId)) ring.add(each)
    const options = { communityId: expected?.communityId ?? '', lookUpKey: ring.lookUp, ratchet: new RatchetCache() }
    let plainIndex = index ?? new Uint8Array(0)
    if (isEncrypted(plainIndex)) {
      const opened = await decryptForGroup(plainIndex, options)
      plainIndex = opened.kind === 'decrypted' ? opened.plain : plainIndex
    }
    const archives = expected?.archivesByOffset ?? []
    const { weeks, rejected } = readWeeks(plainIndex, expected?.dataLength ?? 0)
    expect(rejected).toEqual([])
    expect(weeks.flatMap(({ archives }) => archives)).toHaveLength(archives.length)
    let total = 0
    for (const week of data === undefined ? [] : weeks) {
      const sources = week.archives.map(({ offsetBytes, sizeBytes, paddingBytes, ...archive }) => ({
        ...archive,
        read: async () => data!.slice(offsetBytes, offsetBytes + sizeBytes - paddingBytes),
      }))
      const decoded = await decodeWeek(sources, options)
      expect(decoded).toMatchObject({ damaged: [], waitingArchives: [] })
      total += decoded.tally.total
    }
    const wanted = data === undefined ? 0 : archives.reduce((sum, { messages }) => sum + messages, 0)
    expect(total).toBe(wanted)
  })

  it('of a real history, as it was imported, are what was said', async () => {
    const folder = join(vectorsFolder, '../discord/pyscript')
    const file = readdirSync(folder).find((each) => each.includes('pyscript-docs'))
    const records: ImportRecord[] = []
    for await (const batch of readExport(join(folder, file ?? ''))) records.push(...batch.records)
    const some = records.slice(0, 60)
    const identity = importIdentity(communityId, new Secret(communityKey))
    const from = Math.min(...some.map(({ timestamp }) => timestamp))
    const to = Math.max(...some.map(({ timestamp }) => timestamp)) + 1
    const { encoded } = await sealWeek(
      some.map((record) => mapRecord(record, identity)),
      from,
      to,
    )
    const { messages, tally } = await decodeWeek([{ id: 'archive', from, to, read: async () => encoded }], {
      communityId,
      lookUpKey: new KeyRing().lookUp,
      ratchet: new RatchetCache(),
    })
    expect(tally).toMatchObject({ total: some.length, chat: some.length })
    const said = new Map(messages.map((message) => [message.id, message]))
    for (const { sourceId, text, timestamp, channelId, authorId, replyTo } of some)
      expect(said.get(communityId + sourceId)).toMatchObject({
        text,
        timeMilliseconds: timestamp * 1000,
        channelId: importedChannelId(communityId, channelId),
        senderId: authorId,
        replyTo: replyTo === '' ? '' : communityId + replyTo,
      })
  })
})
