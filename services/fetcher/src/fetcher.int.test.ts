import type { ArchiveEntry } from '@annals/archive'
import { archiveId, encodeIndex } from '@annals/archive'
import { announceChatId, communityIdOfPrivateKey, keccak256, toHex } from '@annals/crypto'
import {
  addControlled,
  addMember,
  eventsOf,
  log,
  makeTorrent,
  messageOf,
  openTestNode,
  privateKeyOf,
  waitForEvent,
} from '@annals/service/testing'
import { announcementCursors, catalogues, downloads, updateDocument } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { fetcher } from './fetcher.ts'
import { communityId, lostLink, openScene, week, weeks } from './testing/open-scene.ts'

describe('fetcher', () => {
  it('brings what is announced, imports it, and says so', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await scene.member.start(fetcher)
    const torrent = await weeks(2)
    await scene.announce(torrent, 5)
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({
      archivesImported: 2,
      messagesImported: 4,
      messagesKnown: 0,
      messagesSetAside: 0,
      infoHash: torrent.torrent.infoHash,
    })
    expect(await scene.times()).toEqual([1_001, 1_002, 2_001, 2_002])
    expect((await context.messages.summary(communityId)).pending).toBe(0)
    expect(await scene.catalogue()).toMatchObject({ generation: 1, lastArchivedEnd: 3_000 })
    const names = (await log(context, communityId)).map((id) => id.split('/')[0])
    expect(names.slice(2)).toEqual([
      'MagnetLinkReceived',
      'DownloadStarted',
      'ArchiveDownloaded',
      'ImportStarted',
      'ArchiveDownloaded',
      'ArchivesDownloaded',
      'DownloadFinished',
    ])
    expect(await scene.untilDownload((row) => row.done !== undefined)).toMatchObject({ tries: 0 })
  })

  it('goes on with the trace of the announcement, also where another process took that in', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const torrent = await weeks(1)
    const magnetLink = await torrent.serve(scene.seeder.context.torrents)
    const wanted = { infoHash: torrent.torrent.infoHash, magnetLink, clockMilliseconds: 5 }
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const row = { wanted, tries: 1, dueAt: 1, traceparent: `00-${traceId}-b7ad6b7169203331-01` }
    await context.state.collection(downloads).put(communityId, row, 0)
    await scene.member.start(fetcher)
    expect((await waitForEvent(context, communityId, 'DownloadFinished')).traceparent).toContain(traceId)
    // The seeder goes on with it from there.
    expect((await scene.catalogue())?.torrent?.traceparent).toContain(traceId)
  })

  it('fetches only the archives that are missing, by their ids', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await scene.member.start(fetcher)
    await scene.announce(await weeks(2), 5)
    const first = await waitForEvent(context, communityId, 'DownloadFinished')
    const more = await weeks(3)
    await scene.announce(more, 6)
    const second = await waitForEvent(context, communityId, 'DownloadFinished', first.sequence)
    expect(second.payload).toMatchObject({ archivesImported: 1, messagesImported: 2 })
    expect(second.payload.downloadedBytes).toBeLessThan(2 * 102_400)
    const fetched = (await eventsOf(context, communityId, 'ArchiveDownloaded')).map(({ payload }) => payload.archive)
    expect(fetched.map((archive) => archive?.from)).toEqual([1_000, 2_000, 3_000])
    expect((await scene.catalogue())?.archives.map(({ id }) => id)).toEqual(more.entries.map(({ id }) => id))
  })

  it('leaves a message alone that it knows, and what is imported twice is there once', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await context.messages.ingest(communityId, [messageOf(communityId, 1_001)], 'pending')
    await scene.member.start(fetcher)
    await scene.announce(await weeks(1), 5)
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({ messagesImported: 1, messagesKnown: 1 })
    expect(await scene.times()).toEqual([1_001, 1_002])
  })

  it('passes over what is no announcement, or another’s, or old, and goes on behind it', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const chat = announceChatId(communityId, 'magnetlinks')
    await context.channel.publish(chat, new Uint8Array())
    await context.channel.publish(chat, Uint8Array.of(255, 1, 2, 3))
    await scene.announce('no magnet link', 9)
    await scene.announce(lostLink('a'), 9, 8)
    await scene.member.start(fetcher)
    await scene.announce(await weeks(1), 5)
    await waitForEvent(context, communityId, 'DownloadFinished')
    await scene.announce(lostLink('b'), 5)
    await scene.announce(lostLink('c'), 4)
    const more = await weeks(2)
    await scene.announce(more, 6)
    await scene.untilDownload((row) => row.done?.clockMilliseconds === 6)
    const received = await eventsOf(context, communityId, 'MagnetLinkReceived')
    expect(received.map(({ payload }) => payload.clockMilliseconds)).toEqual([5, 6])
  })

  it('does not listen for communities that are its own', async () => {
    await using node = await openTestNode()
    const own = await addControlled(node.context)
    await node.start(fetcher)
    expect(await node.context.state.collection(announcementCursors).get(own)).toBeUndefined()
    expect(await node.context.state.collection(downloads).get(own)).toBeUndefined()
  })

  it('reads a channel from its beginning that is another one than before', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const chat = announceChatId(communityId, 'magnetlinks')
    const cursors = { [chat]: `${'0'.repeat(16)}.7` }
    await context.state.collection(announcementCursors).put(communityId, { cursors }, 0)
    await scene.announce(await weeks(1), 5)
    await scene.member.start(fetcher)
    await waitForEvent(context, communityId, 'DownloadFinished')
    const kept = await context.state.collection(announcementCursors).get(communityId)
    expect(kept?.value.cursors[chat]).not.toBe(cursors[chat])
  })

  it('two quick magnet links close no channel twice: the second takes the place of the first', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await scene.member.start(fetcher)
    await scene.announce(lostLink('a'), 5)
    await waitForEvent(context, communityId, 'DownloadStarted')
    await scene.announce(lostLink('b'), 6)
    await scene.announce(await weeks(1), 7)
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload.messagesImported).toBe(2)
    const row = await scene.untilDownload(({ done }) => done !== undefined)
    expect(row).toMatchObject({ done: { clockMilliseconds: 7 }, tries: 0 })
    expect(row.wanted).toBeUndefined()
  })

  it('an index that never arrives does not make it wait for ever, nor another community', async () => {
    await using scene = await openScene({ ANNALS_FETCH_STALL_SECONDS: '1' })
    const { context } = scene.member
    const other = communityIdOfPrivateKey(privateKeyOf(9))
    await addMember(context, other)
    const raw = await week(1_000, 1_001)
    const torrent = makeTorrent(other, [raw])
    const magnetLink = await torrent.serve(scene.seeder.context.torrents)
    const wanted = { infoHash: torrent.torrent.infoHash, magnetLink, clockMilliseconds: 1 }
    await scene.member.start(fetcher)
    await scene.announce(lostLink('a'), 5)
    await waitForEvent(context, communityId, 'DownloadStarted')
    await context.state.collection(downloads).put(other, { wanted, tries: 0, dueAt: 1 }, 0)
    await waitForEvent(context, other, 'DownloadFinished')
    const row = await scene.untilDownload(({ tries }) => tries > 0)
    expect(row.lastError).toMatch(/^FetchStalledError/)
    expect(row.dueAt).toBeGreaterThan(0)
  })

  it('a torrent named like another community overwrites none of its files, and is not tried again', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const other = communityIdOfPrivateKey(privateKeyOf(9))
    const stranger = makeTorrent(other, [await week(1_000, 1_001)])
    await scene.member.start(fetcher)
    await scene.announce(stranger, 5)
    const row = await scene.untilDownload(({ tries }) => tries > 0)
    expect(row.lastError).toMatch(/^TorrentMetadataError/)
    expect(row.dueAt).toBeUndefined()
    expect(await context.torrents.holds(other, stranger.torrent.infoHash)).toBe(false)
    await scene.announce(await weeks(1), 6)
    await waitForEvent(context, communityId, 'DownloadFinished')
  })

  it('waits for the next announcement when an index cannot be used', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const unusable = makeTorrent(communityId, [await week(1_000, 1_001)], () => Uint8Array.of(10, 0))
    await scene.member.start(fetcher)
    await scene.announce(unusable, 5)
    const row = await scene.untilDownload(({ tries }) => tries > 0)
    expect(row.lastError).toMatch(/^UnusableIndexError/)
    expect(row.dueAt).toBeUndefined()
    const before = await scene.metadataFiles()
    expect(before).toEqual([`${unusable.torrent.infoHash}.info`])
    const next = await weeks(1)
    await scene.announce(next, 6)
    await waitForEvent(context, communityId, 'DownloadFinished')
    const chat = announceChatId(communityId, 'magnetlinks')
    await scene.untilCursor(chat, 2)
    // What nobody wants any more is forgotten, files and all.
    expect(await scene.metadataFiles()).toEqual([`${next.torrent.infoHash}.info`])
  })

  it('stops when archiving is switched off, stays at rest, and goes on when it is on', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await scene.member.start(fetcher)
    await scene.announce(lostLink('a'), 5)
    await waitForEvent(context, communityId, 'DownloadStarted')
    await context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
    const parked = await scene.untilDownload(({ dueAt }) => dueAt === undefined)
    expect(parked).toMatchObject({ wanted: { clockMilliseconds: 5 }, tries: 0 })
    await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
    await scene.untilDownload(({ dueAt }) => dueAt !== undefined)
    await scene.announce(await weeks(1), 6)
    await waitForEvent(context, communityId, 'DownloadFinished')
  })

  it('goes on with a download after a restart', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const torrent = await weeks(2)
    const magnetLink = await torrent.serve(scene.seeder.context.torrents)
    const { infoHash } = torrent.torrent
    await context.state
      .collection(downloads)
      .put(communityId, { wanted: { infoHash, magnetLink, clockMilliseconds: 5 }, tries: 3, dueAt: 1 }, 0)
    await scene.member.start(fetcher)
    expect((await waitForEvent(context, communityId, 'DownloadFinished')).payload.archivesImported).toBe(2)
  })

  it('one bad archive blocks none after it, nor does one bad message', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const whole = await week(2_000, 2_001, 2_002)
    const noMessage = Uint8Array.of(0x1a, 2, 0x10, 5)
    const raws = [
      { from: 1_000, to: 2_000, encoded: new Uint8Array(500).fill(255) },
      { ...whole, encoded: Buffer.concat([whole.encoded, noMessage]) },
      await week(3_000, 3_001),
    ]
    await scene.member.start(fetcher)
    await scene.announce(makeTorrent(communityId, raws), 5)
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({ archivesImported: 3, messagesImported: 3, messagesSetAside: 2 })
    expect(await scene.times()).toEqual([2_001, 2_002, 3_001])
  })

  it('an index entry with padding > size, without metadata, or with an offset past the end harms no other', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const raws = await Promise.all([1_000, 2_000, 3_000].map((from) => week(from, from + 1)))
    const torrent = makeTorrent(communityId, raws, (entries) => badIndex(entries))
    await scene.member.start(fetcher)
    await scene.announce(torrent, 5)
    const { payload } = await waitForEvent(context, communityId, 'DownloadFinished')
    expect(payload).toMatchObject({ archivesImported: 1, messagesImported: 1, messagesSetAside: 0 })
    expect(await scene.times()).toEqual([1_001])
  })

  it('commits nothing that was under way when control was taken, and stops listening', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    const { state, registry } = context
    await scene.member.start(fetcher)
    await scene.announce(await weeks(1), 1)
    await waitForEvent(context, communityId, 'DownloadFinished')
    const done = await scene.untilDownload(({ wanted }) => wanted === undefined)
    const taken = await updateDocument(
      state.collection(catalogues),
      communityId,
      (before) => before && { ...before, controlTaken: true },
    )
    await scene.announce(await weeks(2), 2)
    await scene.untilDownload(({ lastError = '' }) => lastError.startsWith('ControlTakenMeanwhileError'))
    expect(await state.collection(catalogues).get(communityId)).toEqual(taken)
    await registry.execute(communityId, { type: 'TakeControl', magnetLink: '' }, 'test')
    // Nobody tries it any more.
    await scene.untilDownload(({ dueAt }) => dueAt === undefined)
    expect((await scene.download())?.done).toEqual(done.done)
  })

  it('goes back to an older torrent without losing a byte of it', async () => {
    await using scene = await openScene()
    const { context } = scene.member
    await scene.member.start(fetcher)
    const [one, two] = [await weeks(1), await weeks(2)]
    let after = 0
    for (const [clock, torrent] of [one, two, one].entries()) {
      await scene.announce(torrent, clock + 1)
      after = (await waitForEvent(context, communityId, 'DownloadFinished', after)).sequence
    }
    const catalogue = await scene.catalogue()
    const { infoBlob = '', indexBlob = '', infoHash } = catalogue?.torrent ?? {}
    expect(infoHash).toBe(one.torrent.infoHash)
    const blobs = [infoBlob, indexBlob, ...(catalogue?.archives ?? []).map(({ blob }) => blob)]
    expect(await Promise.all(blobs.map((blob) => context.blobs.has(blob)))).toEqual([true, true, true])
  })
})

/** The first entry as it is; the second with more padding than size; the third past the end; one without metadata. */
function badIndex(entries: readonly ArchiveEntry[]): Uint8Array {
  const [good, padded, beyond] = entries
  if (good === undefined || padded === undefined || beyond === undefined) throw new Error('three entries are needed')
  return Buffer.concat([
    encodeIndex([
      good,
      withId({ ...padded, paddingBytes: padded.sizeBytes + 1 }),
      withId({ ...beyond, offsetBytes: 102_400_000 }),
    ]),
    entryWithoutMetadata(),
  ])
}

function withId(entry: ArchiveEntry): ArchiveEntry {
  return { ...entry, id: archiveId(entry) }
}

/** An entry whose value is an offset and a size alone, under the key that these bytes have. */
function entryWithoutMetadata(): Uint8Array {
  const value = Uint8Array.of(0x18, 0, 0x20, 1)
  const key = Buffer.from(toHex(keccak256(value)))
  const entry = Buffer.concat([Buffer.of(0x0a, key.length), key, Buffer.of(0x12, value.length), value])
  return Buffer.concat([Buffer.of(0x0a, entry.length), entry])
}
