import type { StoredEvent } from '@annals/events'
import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import { eventId } from '@annals/events'
import { catalogues, emptyCatalogue, finishedRanges } from '@annals/storage'
import type { SealingTools } from './append-archives.ts'
import { appendArchives } from './append-archives.ts'
import { publishResult } from './publish-result.ts'
import { settleRange } from './settle-range.ts'

/**
 * Seals the pending messages before the end of a due range and appends them to the community's catalogue.
 *
 * The effects come in this order: blobs, the catalogue's row (the commit), the message store's marks, the result's
 * event. A crash between any two leads to a redelivery that finds what is done by the row alone. Only the part of a
 * range behind the catalogue's end is sealed, so ranges that overlap in the log do no harm.
 *
 * A signal that aborts ends it between two archives, before the commit: a long history must not hold up a stop.
 */
export async function sealRange(
  context: ServiceContext,
  event: StoredEvent<'ArchiveDue'>,
  tools: SealingTools,
): Promise<void> {
  const { communityId, payload: due } = event
  const community = await context.registry.get(communityId)
  if (community === undefined || !community.controlNode) {
    context.log.warn({ communityId, event: event.id }, 'a range is due for a community that is not controlled here')
    return
  }
  const rows = context.state.collection(catalogues)
  const row = await rows.get(communityId)
  if (row !== undefined) await finishLastRange(context, communityId, row.value)
  const doneUntil = row?.value.lastArchivedEnd ?? due.from
  if (due.to <= doneUntil) {
    // The log may have lost what was said of it.
    if (row?.value.lastRange?.to === due.to) await publishResult(context, communityId, row.value, row.value.lastRange)
    context.log.debug({ communityId, event: event.id, doneUntil }, 'a due range is sealed already')
    return
  }
  const range = { from: Math.max(due.from, doneUntil), to: due.to, intervalSeconds: due.intervalSeconds }
  await context.bus.publish(
    {
      id: eventId('ArchivingStarted', communityId, `${range.from}-${range.to}`),
      name: 'ArchivingStarted',
      communityId,
      payload: { from: range.from, to: range.to },
    },
    { source: 'archiver' },
  )
  const next = await appendArchives(context, community, row?.value ?? emptyCatalogue, range, tools)
  const committed = await rows.put(communityId, next, row?.version ?? 0)
  countSealed(context, committed.value)
  await finishLastRange(context, communityId, committed.value)
}

function countSealed({ metrics }: ServiceContext, { archives, lastRange }: Catalogue): void {
  if (lastRange === undefined) return
  const sealed = lastRange.newArchives === 0 ? [] : archives.slice(-lastRange.newArchives)
  const sum = (key: 'sizeBytes' | 'messages'): number => sealed.reduce((total, each) => total + each[key], 0)
  metrics.add('sealedArchives', sealed.length)
  metrics.add('sealedBytes', sum('sizeBytes'))
  metrics.add('sealedMessages', sum('messages'))
  metrics.add('leftOutMessages', lastRange.leftOut.length)
}

/** Brings what follows from the catalogue's last commit to its end: marks, event. Does nothing where that is done. */
async function finishLastRange(context: ServiceContext, communityId: string, catalogue: Catalogue): Promise<void> {
  const { lastRange } = catalogue
  if (lastRange === undefined) return
  const rows = context.state.collection(finishedRanges)
  const row = await rows.get(communityId)
  if (row?.value.to === lastRange.to) return
  await settleRange(context, communityId, catalogue, lastRange)
  await publishResult(context, communityId, catalogue, lastRange)
  await rows.put(communityId, { ...row?.value, to: lastRange.to }, row?.version ?? 0)
}
