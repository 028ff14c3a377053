import type { Announcement, DownloadProgress, IgnoredReason } from '@annals/community'
import type { Download, StateStore } from '@annals/storage'
import { judgeAnnouncement } from '@annals/community'
import { eventId } from '@annals/events'
import { describedClocks, downloads, heardClocks, updateDocument } from '@annals/storage'
import { systemClock } from '../clock.ts'
import { newestHeard } from '../control/newest-heard.ts'
import type { ServiceContext } from '../service.ts'
import type { UnreadReason } from './read-announcement.ts'
import { readAnnouncement } from './read-announcement.ts'

/**
 * What became of a message that may announce archives.
 * - `taken`: it counts, and its torrent is wanted; `replaced` is the info hash of what was wanted before and is not any more
 * - `known`: it tells of a torrent that is here, or wanted already
 * - `other-message`: it announces nothing
 * - `refused`: it does not count, and was counted as refused
 */
export type TakenAnnouncement =
  | { readonly kind: 'taken'; readonly infoHash: string; readonly replaced: string | undefined }
  | { readonly kind: 'known'; readonly infoHash: string }
  | { readonly kind: 'other-message' }
  | { readonly kind: 'refused'; readonly reason: IgnoredReason | UnreadReason }

type Tools = Pick<ServiceContext, 'registry' | 'state' | 'bus' | 'log' | 'refusals' | 'tracing' | 'metrics'>

/** A message as it came. */
export interface CarriedAnnouncement {
  /** An ApplicationMetadataMessage, bare or in a ProtocolMessage. */
  readonly payload: Uint8Array
  /** Of its sender's trace, where the channel carries that; else what both sides know is the info hash. */
  readonly traceparent?: string | undefined
}

/**
 * Judges a message that announces archives of a community: of an announcement chat, or one that came another way; the rules are
 * the same. If it counts, `MagnetLinkReceived` is published and the download is wanted from now on; a crash in between leads to
 * the same message again and the same event id.
 * @param source the service that took it
 * @throws what the registry, the bus and the state store throw
 */
export async function takeAnnouncement(
  tools: Tools,
  communityId: string,
  { payload, traceparent }: CarriedAnnouncement,
  source: string,
): Promise<TakenAnnouncement> {
  const read = readAnnouncement(payload)
  if (read.kind === 'other-message') return read
  if (read.kind === 'refused') return refuse(tools, communityId, read.reason, read.error)
  const { announcement } = read
  return tools.tracing.span(
    {
      name: 'process announcements',
      kind: 'consumer',
      parent: { traceparent },
      attributes: {
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'announcements',
        'messaging.message.body.size': payload.length,
        'annals.community.id': communityId,
        'annals.torrent.infohash': announcement.infoHash,
      },
    },
    async (span) => {
      const taken = await judgeAndTake(tools, communityId, announcement, source)
      span.set({ 'annals.announcement.counts': taken.kind === 'taken' })
      if (taken.kind === 'taken') tools.metrics.add('announcementsTaken', 1)
      return taken
    },
  )
}

async function judgeAndTake(
  tools: Tools,
  communityId: string,
  announcement: Announcement,
  source: string,
): Promise<TakenAnnouncement> {
  const { registry, state, bus, tracing } = tools
  const { infoHash, magnetLink, clockMilliseconds } = announcement
  const community = await registry.get(communityId)
  const rows = state.collection(downloads)
  const describedClockMilliseconds = (await state.collection(describedClocks).get(communityId))?.value.clockMilliseconds
  const judge = (download: DownloadProgress | undefined): ReturnType<typeof judgeAnnouncement> =>
    judgeAnnouncement(
      community,
      { wanted: download?.wanted, done: download?.done, describedClockMilliseconds },
      announcement,
    )
  const judgement = judge((await rows.get(communityId))?.value)
  if (judgement !== 'counts') {
    if (judgement.ignored === 'same-torrent') {
      await noteHeard(state, communityId, clockMilliseconds)
      return { kind: 'known', infoHash }
    }
    return refuse(tools, communityId, judgement.ignored)
  }
  const wanted = { infoHash, magnetLink, clockMilliseconds }
  await bus.publish(
    {
      id: eventId('MagnetLinkReceived', communityId, clockMilliseconds, infoHash),
      name: 'MagnetLinkReceived',
      communityId,
      payload: wanted,
    },
    { source },
  )
  let taken: TakenAnnouncement = { kind: 'known', infoHash }
  await updateDocument<Download>(rows, communityId, (value) => {
    // A newer one may have come meanwhile, by another way.
    const counts = judge(value) === 'counts'
    taken = counts ? { kind: 'taken', infoHash, replaced: value?.wanted?.infoHash } : { kind: 'known', infoHash }
    if (!counts && value !== undefined) return value
    const dueAt = systemClock.nowSeconds()
    return { ...(value?.done && { done: value.done }), wanted, tries: 0, dueAt, ...tracing.kept() }
  })
  return taken
}

/** What names a torrent that is here brings nothing, but tells who had control before that control is elsewhere. */
async function noteHeard(state: StateStore, communityId: string, clockMilliseconds: number): Promise<void> {
  if (clockMilliseconds <= (await newestHeard(state, communityId))) return
  await updateDocument(state.collection(heardClocks), communityId, (value) =>
    value !== undefined && value.clockMilliseconds >= clockMilliseconds ? value : { ...value, clockMilliseconds },
  )
}

function refuse(
  { log, refusals }: Pick<Tools, 'log' | 'refusals'>,
  communityId: string,
  reason: IgnoredReason | UnreadReason,
  error?: unknown,
): TakenAnnouncement {
  log.debug({ communityId, reason, err: error }, 'an announcement does not count')
  refusals.count({ communityId, what: 'announcement', reason })
  return { kind: 'refused', reason }
}
