import type { ChannelMessage } from '@annals/channels'
import type { ServiceContext } from '@annals/service'
import type { Download } from '@annals/storage'
import { decodeMagnetLink } from '@annals/archive'
import { judgeAnnouncement } from '@annals/community'
import { decodeMagnetMessage } from '@annals/crypto'
import { eventId } from '@annals/events'
import { systemClock } from '@annals/service'
import { downloads, updateDocument } from '@annals/storage'

/** An announcement that counts. */
export interface TakenAnnouncement {
  /** The info hash of what was wanted before and is not any more. */
  readonly replaced: string | undefined
}

/**
 * Judges a message of an announcement chat. If it counts, `MagnetLinkReceived` is published and the download is wanted
 * from now on; a crash in between leads to the same message again and the same event id.
 * @returns `undefined` if it does not count. What cannot be read or does not count is logged and otherwise without effect.
 */
export async function takeAnnouncement(
  context: ServiceContext,
  communityId: string,
  message: ChannelMessage,
): Promise<TakenAnnouncement | undefined> {
  const announcement = readAnnouncement(context, communityId, message)
  if (announcement === undefined) return undefined
  return context.tracing.span(
    {
      name: 'process announcements',
      kind: 'consumer',
      // Of its sender's trace where the channel carries it; else what both sides know is the info hash.
      parent: { traceparent: message.traceparent },
      attributes: {
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'announcements',
        'messaging.message.body.size': message.payload.length,
        'annals.community.id': communityId,
        'annals.torrent.infohash': announcement.infoHash,
      },
    },
    async (span) => {
      const taken = await judge(context, communityId, announcement)
      span.set({ 'annals.announcement.counts': taken !== undefined })
      return taken
    },
  )
}

async function judge(
  context: ServiceContext,
  communityId: string,
  announcement: ReadAnnouncement,
): Promise<TakenAnnouncement | undefined> {
  const community = await context.registry.get(communityId)
  const rows = context.state.collection(downloads)
  const judgementOf = (download: Download | undefined): ReturnType<typeof judgeAnnouncement> =>
    judgeAnnouncement(community, download ?? {}, announcement)
  const judgement = judgementOf((await rows.get(communityId))?.value)
  if (judgement !== 'counts') {
    context.metrics.add('announcementsRefused', 1, { 'annals.refusal.reason': judgement.ignored })
    context.log.debug({ communityId, ...judgement }, 'an announcement does not count')
    return undefined
  }
  const { infoHash, magnetLink, clockMilliseconds } = announcement
  const wanted = { infoHash, magnetLink, clockMilliseconds }
  await context.bus.publish(
    {
      id: eventId('MagnetLinkReceived', communityId, clockMilliseconds, infoHash),
      name: 'MagnetLinkReceived',
      communityId,
      payload: wanted,
    },
    { source: 'fetcher' },
  )
  let taken: TakenAnnouncement | undefined
  await updateDocument(rows, communityId, (value) => {
    // A newer one may have come meanwhile, on another of the announcement chats.
    taken = judgementOf(value) === 'counts' ? { replaced: value?.wanted?.infoHash } : undefined
    if (taken === undefined && value !== undefined) return value
    const dueAt = systemClock.nowSeconds()
    return { ...(value?.done && { done: value.done }), wanted, tries: 0, dueAt, ...context.tracing.kept() }
  })
  if (taken !== undefined) context.metrics.add('announcementsTaken', 1)
  return taken
}

type ReadAnnouncement = NonNullable<ReturnType<typeof readAnnouncement>>

function readAnnouncement(context: ServiceContext, communityId: string, message: ChannelMessage) {
  try {
    const { communityId: signer, clockMilliseconds, magnetLink } = decodeMagnetMessage(message.payload)
    const { infoHash } = decodeMagnetLink(magnetLink)
    return { signerCommunityId: signer, clockMilliseconds, magnetLink, infoHash }
  } catch (error) {
    context.log.debug(
      { err: error, communityId, cursor: message.cursor },
      'a message on the announcement chat is no announcement',
    )
    return undefined
  }
}
