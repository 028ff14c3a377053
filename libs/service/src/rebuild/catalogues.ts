import type { EventPayload, StoredEvent } from '@annals/events'
import type { Announcement, Catalogue, CatalogueArchive } from '@annals/storage'
import type { Comparison, FieldDifference } from './comparison.ts'
import { comparisonOf, differingFields, wholeRow } from './comparison.ts'

type ArchiveSummary = EventPayload<'ArchiveCreated'>['archives'][number]

/** What the log says of a community's catalogue. */
export interface CatalogueProjection {
  readonly generation: number
  readonly infoHash?: string
  readonly magnetLink?: string
  readonly lastArchivedEnd?: number
  /** The end of the last range that was sealed here, with or without an archive. */
  readonly lastSealedEnd?: number
  /** How many archives there are. */
  readonly count: number
  /** How many of them no event describes: one event describes 1,000 at most. */
  readonly undescribed: number
  /** The archives that events describe, newest first. */
  readonly described?: Described
  /** Archives of a download that is not committed, by its info hash. */
  readonly pending: Readonly<Record<string, Described>>
}

/** A list that grows at its front and shares its tail with what it was. */
interface Described {
  readonly archives: readonly ArchiveSummary[]
  readonly before?: Described
  /** With those before. */
  readonly size: number
}

export const initialCatalogueProjection: CatalogueProjection = { generation: 0, count: 0, undescribed: 0, pending: {} }

/** How many archives are kept in memory for it. */
export function catalogueWeight({ described, pending }: CatalogueProjection): number {
  return Object.values(pending).reduce((sum, { size }) => sum + size, described?.size ?? 0)
}

export function evolveCatalogue(catalogue: CatalogueProjection, event: StoredEvent): CatalogueProjection {
  if (event.name === 'ArchiveCreated') return afterCreated(catalogue, event.payload)
  if (event.name === 'NoArchiveCreated') return { ...catalogue, ...sealedUpTo(catalogue, event.payload.to) }
  if (event.name === 'ArchiveDownloaded') return afterDownloaded(catalogue, event.payload)
  if (event.name === 'ArchivesDownloaded') return afterAllDownloaded(catalogue, event.payload)
  return event.name === 'ControlTaken' ? afterTaken(catalogue, event.payload) : catalogue
}

/** What was announced by somebody else is announced under a link of this installation's, and ends where he ended. */
function afterTaken(
  catalogue: CatalogueProjection,
  { lastArchivedEnd, magnetLink }: EventPayload<'ControlTaken'>,
): CatalogueProjection {
  return {
    ...catalogue,
    ...(magnetLink !== '' && { magnetLink }),
    ...(lastArchivedEnd !== undefined && {
      lastArchivedEnd: Math.max(catalogue.lastArchivedEnd ?? 0, lastArchivedEnd),
    }),
  }
}

function afterCreated(
  catalogue: CatalogueProjection,
  { to, generation, infoHash, magnetLink, archives, archiveCount }: EventPayload<'ArchiveCreated'>,
): CatalogueProjection {
  const added = Math.max(archiveCount, archives.length)
  return {
    ...catalogue,
    ...sealedUpTo(catalogue, to),
    generation,
    infoHash,
    magnetLink,
    count: catalogue.count + added,
    undescribed: catalogue.undescribed + added - archives.length,
    described: grown(catalogue.described, archives),
  }
}

function afterDownloaded(
  catalogue: CatalogueProjection,
  { infoHash, archive }: EventPayload<'ArchiveDownloaded'>,
): CatalogueProjection {
  if (archive === undefined) return catalogue
  const { pending } = catalogue
  return { ...catalogue, pending: { ...pending, [infoHash]: grown(pending[infoHash], [archive]) } }
}

/** The download is committed. Archives that it has no more are gone; which ones, the log does not say. */
function afterAllDownloaded(
  catalogue: CatalogueProjection,
  { infoHash, magnetLink, generation, archivesTotal }: EventPayload<'ArchivesDownloaded'>,
): CatalogueProjection {
  const { [infoHash]: fetched, ...pending } = catalogue.pending
  const archives = listOf(fetched)
  return {
    ...catalogue,
    generation,
    infoHash,
    magnetLink,
    lastArchivedEnd: archives.reduce((latest, { to }) => Math.max(latest, to), catalogue.lastArchivedEnd ?? 0),
    count: archivesTotal,
    described: grown(catalogue.described, archives),
    pending,
  }
}

function sealedUpTo(
  { lastArchivedEnd = 0, lastSealedEnd = 0 }: CatalogueProjection,
  to: number,
): Pick<CatalogueProjection, 'lastArchivedEnd' | 'lastSealedEnd'> {
  return { lastArchivedEnd: Math.max(lastArchivedEnd, to), lastSealedEnd: Math.max(lastSealedEnd, to) }
}

function grown(before: Described | undefined, archives: readonly ArchiveSummary[]): Described {
  return { archives, ...(before && { before }), size: archives.length + (before?.size ?? 0) }
}

/** In the order in which they were described. */
function listOf(described: Described | undefined): ArchiveSummary[] {
  const parts: (readonly ArchiveSummary[])[] = []
  for (let each = described; each !== undefined; each = each.before) parts.push(each.archives)
  return parts.reverse().flat()
}

/** What tells whether the catalogue is ahead of the log by work in hand. */
export interface WorkInHand {
  /** The end of the last range of which everything is done. */
  readonly finishedTo: number | undefined
  /** What is being downloaded. */
  readonly wanted: Announcement | undefined
}

/**
 * Compares what the log tells of a catalogue: not its blobs, content topics and paddings, of which it knows nothing. The
 * row is committed before its event is published; without `inHand`, such a row is taken for different.
 */
export function compareCatalogue(
  log: CatalogueProjection,
  row: Catalogue | undefined,
  inHand?: WorkInHand,
): Comparison {
  if (row === undefined) {
    const { described: _, pending: __, ...told } = log
    return log.generation === 0 && log.lastArchivedEnd === undefined ? { kind: 'same' } : wholeRow(told, undefined)
  }
  const differences = differencesOf(log, row)
  if (differences.length === 0 || inHand === undefined) return comparisonOf(differences)
  const before = beforeRange(log, row, inHand)
  if (before !== undefined && differencesOf(log, before).length === 0) return { kind: 'ahead' }
  return isCommittedDownload(log, row, inHand) ? { kind: 'ahead' } : comparisonOf(differences)
}

type Told = Pick<Catalogue, 'generation' | 'archives' | 'lastArchivedEnd'> & {
  readonly torrent?: Pick<NonNullable<Catalogue['torrent']>, 'infoHash' | 'magnetLink'>
}

function differencesOf(log: CatalogueProjection, { torrent, archives, ...row }: Told): FieldDifference[] {
  const there = { ...row, infoHash: torrent?.infoHash, magnetLink: torrent?.magnetLink, count: archives.length }
  const names = ['generation', 'infoHash', 'magnetLink', 'lastArchivedEnd', 'count'] as const
  return [...differingFields<CatalogueProjection>(names, log, there), ...differingArchives(log, archives)]
}

function differingArchives(log: CatalogueProjection, archives: readonly CatalogueArchive[]): FieldDifference[] {
  const described = new Map(listOf(log.described).map((archive) => [archive.archiveId, archive]))
  const unknown: FieldDifference[] = []
  const differing: FieldDifference[] = []
  for (const archive of archives) {
    const told = described.get(archive.id)
    if (told === undefined) unknown.push({ field: `archives.${archive.id}`, log: undefined, there: summaryOf(archive) })
    // A member's node describes an archive before it has read its messages.
    const messages = told?.messages === 0 ? archive.messages : told?.messages
    if (told !== undefined)
      differing.push(
        ...differingFields(
          ['from', 'to', 'offsetBytes', 'sizeBytes', 'messages'],
          { ...told, messages },
          archive,
          `archives.${archive.id}.`,
        ),
      )
  }
  return unknown.length > log.undescribed ? [...differing, ...unknown] : differing
}

function summaryOf({ from, to, offsetBytes, sizeBytes, messages }: CatalogueArchive): object {
  return { from, to, offsetBytes, sizeBytes, messages }
}

/** The row as it was before its last range, where that range's event is still to be published. */
function beforeRange(
  { infoHash, magnetLink, lastArchivedEnd, lastSealedEnd = 0 }: CatalogueProjection,
  row: Catalogue,
  { finishedTo }: WorkInHand,
): Told | undefined {
  const { lastRange } = row
  if (lastRange === undefined || lastRange.to <= lastSealedEnd || finishedTo === lastRange.to) return undefined
  // The row says neither which torrent nor which end its last range took the place of.
  const told = { lastArchivedEnd, ...(infoHash && magnetLink && { torrent: { infoHash, magnetLink } }) }
  if (lastRange.newArchives === 0) return { ...row, lastArchivedEnd }
  return { ...told, generation: row.generation - 1, archives: row.archives.slice(0, -lastRange.newArchives) }
}

/** Whether a download's row is written and its event is still to be published. */
function isCommittedDownload(
  log: CatalogueProjection,
  { torrent, generation }: Catalogue,
  inHand: WorkInHand,
): boolean {
  const infoHash = torrent?.infoHash
  return infoHash !== log.infoHash && infoHash === inHand.wanted?.infoHash && generation === log.generation + 1
}
