import type { SeededTorrent } from '@annals/torrents'
import { openTestNode } from '@annals/service/testing'
import { servings } from '@annals/storage'
import { expect, it, vi } from 'vitest'
import { SwarmNotes } from './note-swarms.ts'

const [served, taken] = ['a'.repeat(40), 'b'.repeat(40)]

it('writes down how much is sent to how many, where it changed, beside what it is of', async () => {
  await using node = await openTestNode()
  const { context } = node
  const rows = context.state.collection(servings)
  const seeding: SeededTorrent[] = [
    { communityId: 'c', infoHash: served, peers: 2, uploadedBytes: 700 },
    { communityId: 'd', infoHash: served, peers: 1, uploadedBytes: 5 },
  ]
  const id = (communityId: string): string => `${communityId}/${context.instance}`
  await rows.put(id('c'), { infoHash: served }, 0)
  await rows.put(id('d'), { infoHash: taken }, 0)
  await using _notes = new SwarmNotes({ ...context, torrents: { seeding: () => [...seeding] } }, 1)
  const noted = { infoHash: served, peers: 2, uploadedBytes: 700 }
  await vi.waitFor(async () => expect((await rows.get(id('c')))?.value).toEqual(noted))
  const { version } = (await rows.get(id('c'))) ?? {}

  // What it is taking up has no numbers before it says that it serves it.
  expect((await rows.get(id('d')))?.value).toEqual({ infoHash: taken })
  await rows.put(id('d'), { infoHash: served }, (await rows.get(id('d')))?.version ?? 0)
  await vi.waitFor(async () => expect((await rows.get(id('d')))?.value).toMatchObject({ peers: 1, uploadedBytes: 5 }))
  expect((await rows.get(id('c')))?.version).toBe(version)
})
