import {
  addControlled,
  eventsOf,
  log,
  messageOf,
  openInstallation,
  publishDue,
  waitForEvent,
} from '@annals/service/testing'
import { VersionConflictError, catalogues, leases } from '@annals/storage'
import { SealBuffer } from '@annals/archive'
import { describe, expect, it } from 'vitest'
import { archiver } from './archiver.ts'
import { sealRange } from './seal-range.ts'

const tools = { signal: new AbortController().signal, buffer: new SealBuffer() }

describe('two archivers', () => {
  it('at the same range at the same time: one commits, and what is said of it is said once', async () => {
    await using installation = openInstallation()
    await using a = await installation.open('archiver-a')
    await using b = await installation.open('archiver-b')
    const communityId = await addControlled(a.context)
    await a.context.messages.ingest(
      communityId,
      [1_001, 1_500].map((at) => messageOf(communityId, at)),
      'pending',
    )
    const due = await publishDue(a.context, communityId, 1_000, 2_000)
    const both = [a, b].map(({ context }) => sealRange(context, due, { ...tools, buffer: new SealBuffer() }))
    const failures = (await Promise.allSettled(both)).flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    )
    expect(failures.filter((failure) => !(failure instanceof VersionConflictError))).toStrictEqual([])
    await sealRange(b.context, due, tools)

    const { value } = (await a.context.state.collection(catalogues).get(communityId)) ?? {}
    expect(value).toMatchObject({ generation: 1, lastArchivedEnd: 2_000, archives: [{ messages: 2 }] })
    expect(await eventsOf(a.context, communityId, 'ArchiveCreated')).toHaveLength(1)
    expect(await a.context.messages.pendingCount(communityId)).toBe(0)
  })

  it('take turns: what one of them holds the other leaves, and takes up when it is free', async () => {
    await using installation = openInstallation()
    await using a = await installation.open('archiver-a')
    await using b = await installation.open('archiver-b')
    const communityId = await addControlled(a.context)
    await a.context.messages.ingest(communityId, [messageOf(communityId, 1_500)], 'pending')
    const rows = a.context.state.collection(leases)
    const held = { holder: 'archiver-c', untilMilliseconds: Date.now() + 3_600_000 }
    const { id, version } = await rows.put(`archiver/${communityId}`, held, 0)
    await Promise.all([a, b].map((node) => node.start(archiver)))
    await publishDue(a.context, communityId, 1_000, 2_000)
    await publishDue(a.context, communityId, 2_000, 3_000)
    await rows.delete(id, version)
    await waitForEvent(a.context, communityId, 'NoArchiveCreated')
    expect((await log(a.context, communityId)).filter((event) => /Archive(Created|Due)/.test(event))).toStrictEqual([
      'ArchiveDue/1000-2000',
      'ArchiveDue/2000-3000',
      'ArchiveCreated/1000-2000',
      'NoArchiveCreated/2000-3000',
    ])
  })
})
