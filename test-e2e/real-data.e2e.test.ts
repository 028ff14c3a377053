import { call, compareMessages } from '@annals/annals'
import type { ImportRecord } from '@annals/imports'
import { listExportFiles, readExport } from '@annals/imports'
import { describe, expect, it } from 'vitest'
import { addControlled, addMember, enable, waitUntilServed } from './support/chronicle.ts'
import { realData } from './support/real-data.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { World } from './support/world.ts'

const week = 604_800

describe('real histories from end to end', () => {
  it('an IRC channel of twelve weeks: a member holds what went in', async (test) => {
    const { archives, messages } = await endToEnd(realData(test, 'duraspace-2011q4.ndjson'))
    expect({ archives, messages }).toStrictEqual({ archives: 12, messages: 2415 })
  })

  it('ten Discord channels of three years: a member holds what went in', async (test) => {
    const { archives, messages } = await endToEnd(realData(test, 'discord/pyscript'))
    expect(archives).toBeGreaterThan(100)
    expect(messages).toBeGreaterThan(2_900)
  })
})

async function endToEnd(path: string): Promise<{ archives: number; messages: number }> {
  const source = await readAll(path)
  const times = source.map(({ timestamp }) => timestamp)
  const weeks = Math.floor((Math.max(...times) - Math.min(...times)) / week) + 1
  await using world = await World.create(Math.min(...times) + weeks * week)
  await using control = new RestartableNode(world, 'control')
  await using member = new RestartableNode(world, 'member')
  const communityId = await addControlled(control)
  await control.run((node) => node.import(communityId, source, () => undefined))
  await enable(control, communityId)
  const { infoHash } = await control.run((node) => node.event('MagnetLinkDispatched'))
  await addMember(member, communityId)
  await waitUntilServed(member, infoHash)
  const held = await member.run((node) => compareMessages(source, communityId, node.messages(communityId)))
  expect(held).toStrictEqual({ messages: source.length, identical: true, differences: [] })
  const { archives } = await member.run(({ client }) => call(client, client.api.listArchives, { communityId }))
  return { archives: archives.length, messages: held.messages }
}

/** Every record once, as the import counts them. */
async function readAll(path: string): Promise<ImportRecord[]> {
  const records = new Map<string, ImportRecord>()
  for (const { file } of await listExportFiles(path))
    for await (const batch of readExport(file)) {
      expect(batch.setAside).toStrictEqual([])
      for (const record of batch.records) records.set(record.sourceId, record)
    }
  return [...records.values()]
}
