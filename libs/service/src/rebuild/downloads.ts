import type { StoredEvent } from '@annals/events'
import type { Announcement, Download } from '@annals/storage'
import { decodeMagnetLink } from '@annals/archive'
import type { Comparison, FieldDifference } from './comparison.ts'
import { comparisonOf, wholeRow } from './comparison.ts'
import { idParts } from './id-parts.ts'

/** An announcement without its link: of links to the same torrent any will do, and by hand another one may be given. */
type Announced = Omit<Announcement, 'magnetLink'>

/** What the log says of a member's downloads. */
export interface DownloadProjection {
  /** The announcement with the newest clock. */
  readonly received?: Announced
  /** The newest clock under which a download was started; -1 for none. */
  readonly startedClock: number
  /** Downloads that were finished under the newest clock of all finished ones: by hand there may be several. */
  readonly finished: readonly Announced[]
}

export const initialDownloadProjection: DownloadProjection = { startedClock: -1, finished: [] }

export function evolveDownload(download: DownloadProjection, event: StoredEvent): DownloadProjection {
  if (event.name === 'MagnetLinkReceived') {
    const { infoHash, clockMilliseconds } = event.payload
    return clockMilliseconds < clockOf(download.received)
      ? download
      : { ...download, received: { infoHash, clockMilliseconds } }
  }
  if (event.name === 'DownloadStarted')
    return { ...download, startedClock: Math.max(download.startedClock, event.payload.clockMilliseconds) }
  if (event.name === 'ControlReleased' && event.payload.infoHash !== '')
    return afterFinished(download, event.payload.infoHash, event.payload.clockMilliseconds)
  if (event.name !== 'DownloadFinished') return download
  return afterFinished(download, event.payload.infoHash, Number(idParts(event)[0]))
}

/** What this installation announced while it controlled the community counts as fetched. */
function afterFinished(download: DownloadProjection, infoHash: string, clockMilliseconds: number): DownloadProjection {
  const newest = clockOf(download.finished[0])
  if (!Number.isSafeInteger(clockMilliseconds) || clockMilliseconds < newest) return download
  const beside = clockMilliseconds === newest ? download.finished : []
  return { ...download, finished: [...beside, { infoHash, clockMilliseconds }] }
}

/** Clocks are Unix milliseconds; -1 for none, since 0 is one. */
function clockOf(announced: Announced | undefined): number {
  return announced?.clockMilliseconds ?? -1
}

/**
 * The events are published before the row is written: what was received is wanted from then on, what is finished is done
 * from then on. A link asked for by hand is wanted without any event, under a clock that was seen before.
 */
export function compareDownload(log: DownloadProjection, row: Download | undefined): Comparison {
  const open = clockOf(log.received) > clockOf(log.finished[0]) ? log.received : undefined
  const parts = [compareDone(log, row), compareWanted(log, open, row)]
  const differences = parts.flatMap((part) => (part.kind === 'different' ? part.fields : []))
  if (differences.length === 0) return parts.find((part) => part.kind !== 'same') ?? { kind: 'same' }
  return row === undefined ? wholeRow({ wanted: open, done: log.finished[0] }, undefined) : comparisonOf(differences)
}

function compareDone({ finished }: DownloadProjection, row: Download | undefined): Comparison {
  const done = row?.done
  if (done === undefined ? finished.length === 0 : isOneOf(finished, done))
    return comparisonOf(done === undefined ? [] : differingLink('done', done))
  if (row?.wanted !== undefined && isOneOf(finished, row.wanted)) return { kind: 'behind' }
  return comparisonOf([{ field: 'done', log: finished.at(-1), there: done }])
}

function compareWanted(log: DownloadProjection, open: Announced | undefined, row: Download | undefined): Comparison {
  const wanted = row?.wanted
  const difference = comparisonOf([{ field: 'wanted', log: open, there: wanted }])
  const newestSeen = Math.max(clockOf(log.received), clockOf(log.finished[0]), 0)
  if (clockOf(wanted) > newestSeen) return difference
  // Once its download was started, the row must have had it.
  if (open !== undefined && clockOf(wanted) < clockOf(open))
    return log.startedClock < clockOf(open) ? { kind: 'behind' } : difference
  return comparisonOf(wanted === undefined ? [] : differingLink('wanted', wanted))
}

function isOneOf(finished: readonly Announced[], { infoHash, clockMilliseconds }: Announced): boolean {
  return finished.some((each) => each.infoHash === infoHash && each.clockMilliseconds === clockMilliseconds)
}

/** The link of a row names the torrent that the row names. */
function differingLink(field: string, { infoHash, magnetLink }: Announcement): FieldDifference[] {
  return named(magnetLink) === infoHash
    ? []
    : [{ field: `${field}.magnetLink`, log: `a link to ${infoHash}`, there: magnetLink }]
}

function named(magnetLink: string): string | undefined {
  try {
    return decodeMagnetLink(magnetLink).infoHash
  } catch {
    return undefined
  }
}
