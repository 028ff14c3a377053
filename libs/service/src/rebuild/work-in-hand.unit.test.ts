import type { StoredEvent } from '@annals/events'
import type { Catalogue, CatalogueArchive, Download, Seeding } from '@annals/storage'
import { emptyCatalogue } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { eventAt } from '../testing/event-log.ts'
import { compareCatalogue, evolveCatalogue, initialCatalogueProjection } from './catalogues.ts'
import { compareDispatch } from './dispatches.ts'
import { compareDownload, evolveDownload, initialDownloadProjection } from './downloads.ts'
import { compareSeeding, evolveSeeding, initialSeedingProjection } from './seedings.ts'

const id = '0xa'
const [first, second] = ['a'.repeat(40), 'b'.repeat(40)]
const link = (infoHash: string): string => `magnet:?xt=urn:btih:${infoHash}`

function archive(number: number): CatalogueArchive {
  const from = number * 10
  const place = { offsetBytes: from, sizeBytes: 10, paddingBytes: 0 }
  return { id: `0x${number}`, from, to: from + 10, ...place, messages: 3, contentTopics: [], blob: 'x' }
}

function created(sequence: number, number: number, infoHash: string): StoredEvent {
  const { from, to, offsetBytes, sizeBytes, messages } = archive(number)
  const archives = [{ archiveId: `0x${number}`, from, to, offsetBytes, sizeBytes, messages }]
  const payload = { from, to, generation: number, infoHash, magnetLink: link(infoHash), archives, archiveCount: 1 }
  return eventAt(sequence, id, 'ArchiveCreated', payload)
}

function sealed(count: number, infoHash: string): Catalogue {
  const torrent = { infoHash, magnetLink: link(infoHash), trackers: [], infoBlob: '', indexBlob: '', indexBytes: 0 }
  const { from, to } = archive(count)
  const archives = Array.from({ length: count }, (_, at) => archive(at + 1))
  const lastRange = { from, to, newArchives: 1, leftOut: [] }
  return { ...emptyCatalogue, generation: count, archives, torrent, lastArchivedEnd: to, lastRange }
}

const downloaded = (infoHash: string, number: number, sequence: number): StoredEvent => {
  const { id: archiveId, from, to, offsetBytes, sizeBytes } = archive(number)
  const summary = { archiveId, from, to, offsetBytes, sizeBytes, messages: 0 }
  return eventAt(sequence, id, 'ArchiveDownloaded', { infoHash, archive: summary }, infoHash, archiveId)
}
const committed = (infoHash: string, generation: number, sequence: number): StoredEvent => {
  const payload = { infoHash, magnetLink: link(infoHash), generation, archivesTotal: generation }
  return eventAt(sequence, id, 'ArchivesDownloaded', payload)
}

const started = (infoHash: string, starts: number, sequence: number): StoredEvent =>
  eventAt(sequence, id, 'SeedingStarted', { infoHash, generation: starts }, infoHash, starts)
const ended = (infoHash: string, starts: number, sequence: number): StoredEvent =>
  eventAt(sequence, id, 'Unseeded', { infoHash }, infoHash, starts)

const announced = (infoHash: string, clockMilliseconds: number) => ({
  infoHash,
  magnetLink: link(infoHash),
  clockMilliseconds,
})

const compare = (events: readonly StoredEvent[], row: Download | undefined): string =>
  compareDownload(events.reduce(evolveDownload, initialDownloadProjection), row).kind

describe('a catalogue', () => {
  const log = [created(1, 1, first)].reduce(evolveCatalogue, initialCatalogueProjection)
  const idle = { finishedTo: archive(1).to, wanted: undefined }

  it('is ahead by the range of which the event is still to be published, and by no more', () => {
    expect(compareCatalogue(log, sealed(1, first), idle).kind).toBe('same')
    expect(compareCatalogue(log, sealed(2, second), idle).kind).toBe('ahead')
    expect(compareCatalogue(log, sealed(3, second), idle).kind).toBe('different')
    const shifted = sealed(2, second)
    const archives = shifted.archives.map((each) => ({ ...each, offsetBytes: 7 }))
    expect(compareCatalogue(log, { ...shifted, archives }, idle).kind).toBe('different')
  })

  it('is not ahead by a range of which everything is done', () => {
    expect(compareCatalogue(log, sealed(2, second), { ...idle, finishedTo: archive(2).to }).kind).toBe('different')
  })

  it('is ahead by a range that was empty', () => {
    const lastRange = { from: 20, to: 30, newArchives: 0, leftOut: [] }
    const row = { ...sealed(1, first), lastRange, lastArchivedEnd: 30 }
    expect(compareCatalogue(log, row, idle).kind).toBe('ahead')
    const after = evolveCatalogue(log, eventAt(2, id, 'NoArchiveCreated', { from: 20, to: 30 }))
    expect(compareCatalogue(after, row, { ...idle, finishedTo: 30 }).kind).toBe('same')
  })

  it('is ahead by a download that is committed and not published', () => {
    const { lastRange: _, ...row } = sealed(2, second)
    const wanted = { infoHash: second, magnetLink: link(second), clockMilliseconds: 1 }
    expect(compareCatalogue(log, row, { ...idle, wanted }).kind).toBe('ahead')
    expect(compareCatalogue(log, row, idle).kind).toBe('different')
  })

  it('holds archives that no event describes where one event had too many of them', () => {
    const many = { ...created(1, 1, first).payload, archiveCount: 2 } as object
    const log = evolveCatalogue(initialCatalogueProjection, eventAt(1, id, 'ArchiveCreated', many))
    const row = { ...sealed(1, first), archives: [archive(0), archive(1)] }
    expect(compareCatalogue(log, row, idle).kind).toBe('same')
    expect(compareCatalogue(log, { ...row, archives: [archive(0), archive(5)] }, idle).kind).toBe('different')
  })

  it('takes in the archives of a download once it is committed', () => {
    // The second one took the place of a third one, which was never finished.
    const events = [downloaded(first, 1, 1), committed(first, 1, 2), downloaded('c'.repeat(40), 9, 3)]
    const log = [...events, downloaded(second, 2, 4), committed(second, 2, 5)].reduce(
      evolveCatalogue,
      initialCatalogueProjection,
    )
    const { lastRange: _, ...row } = sealed(2, second)
    expect(compareCatalogue(log, row).kind).toBe('same')
    expect(compareCatalogue(log, { ...row, archives: [archive(1), archive(9)] }).kind).toBe('different')
  })
})

describe('a seeding', () => {
  const current = { infoHash: first, generation: 1 }

  it('is what was started last, until that is ended', () => {
    const log = evolveSeeding(initialSeedingProjection, started(first, 1, 1))
    expect(compareSeeding(log, { current, starts: 1 }).kind).toBe('same')
    const replaced = [started(second, 2, 2), ended(first, 2, 3)].reduce(evolveSeeding, log)
    expect(compareSeeding(replaced, { current: { infoHash: second, generation: 2 }, starts: 2 }).kind).toBe('same')
    expect(compareSeeding(evolveSeeding(log, ended(first, 1, 2)), { starts: 1 }).kind).toBe('same')
  })

  it('is ahead by one start, or by an end, of which the event is still to be published', () => {
    const log = evolveSeeding(initialSeedingProjection, started(first, 1, 1))
    const next: Seeding = { current: { infoHash: second, generation: 2 }, starts: 2 }
    expect(compareSeeding(log, next).kind).toBe('ahead')
    expect(compareSeeding(log, { ...next, starts: 3 }).kind).toBe('different')
    const ending = { infoHash: first, reason: 'archiving is off' }
    expect(compareSeeding(log, { ending, starts: 1 }).kind).toBe('ahead')
    expect(compareSeeding(log, { ending: { ...ending, infoHash: second }, starts: 1 }).kind).toBe('different')
    expect(compareSeeding(log, { starts: 1 }).kind).toBe('different')
  })
})

describe('a dispatch', () => {
  it('is ahead under a newer clock, and different under an older one', () => {
    const log = { infoHash: first, magnetLink: link(first), clockMilliseconds: 5 }
    const row = { ...log, message: '' }
    expect(compareDispatch(log, row).kind).toBe('same')
    expect(compareDispatch(log, { ...row, infoHash: second, clockMilliseconds: 6 }).kind).toBe('ahead')
    expect(compareDispatch(log, { ...row, clockMilliseconds: 4 }).kind).toBe('different')
    expect(compareDispatch(log, undefined).kind).toBe('different')
  })
})

describe('a download', () => {
  const received = eventAt(1, id, 'MagnetLinkReceived', announced(first, 5))
  const started = eventAt(2, id, 'DownloadStarted', announced(first, 5), 5, first)
  const finished = eventAt(3, id, 'DownloadFinished', { infoHash: first }, 5, first)

  it('is behind by what was just received, and different where its download has been started', () => {
    expect(compare([received], undefined)).toBe('behind')
    expect(compare([received, started], undefined)).toBe('different')
    expect(compare([received, started], { wanted: announced(first, 5), tries: 0 })).toBe('same')
  })

  it('is behind by what was just finished, and different where it is neither wanted nor done', () => {
    const events = [received, started, finished]
    expect(compare(events, { done: announced(first, 5), tries: 0 })).toBe('same')
    expect(compare(events, { wanted: announced(first, 5), tries: 0 })).toBe('behind')
    expect(compare(events, { tries: 0 })).toBe('different')
    expect(compare(events, { done: announced(second, 5), tries: 0 })).toBe('different')
  })

  it('may want a link that somebody asked for by hand, of which no event tells', () => {
    const events = [received, started, finished]
    const row = { done: announced(first, 5), wanted: announced(second, 5), tries: 0 }
    expect(compare(events, row)).toBe('same')
    expect(compare(events, { ...row, wanted: announced(second, 6) })).toBe('different')
    const byHand = eventAt(4, id, 'DownloadFinished', { infoHash: second }, 5, second)
    expect(compare([...events, byHand], { done: announced(second, 5), tries: 0 })).toBe('same')
    expect(compare([...events, byHand], { done: announced(first, 5), tries: 0 })).toBe('same')
  })
})
