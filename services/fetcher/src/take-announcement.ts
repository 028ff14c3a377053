import type { ChannelMessage } from '@annals/channels'
import type { ServiceContext } from '@annals/service'
import type { Download } from '@annals/storage'
import { judgeAnnouncement } from '@annals/community'
import { eventId } from '@annals/events'
import { systemClock } from '@annals/service'
import { downloads, updateDocument } from '@annals/storage'
import { readAnnouncement } from './read-announcement.ts'

/** An announcement that counts. */
export interface TakenAnnouncement {
  /** The info hash of what was wanted before and is not any more. */
  readonly replaced: string | undefined
}

/**
 * Judges a message of an announcement chat. If it counts, `MagnetLinkReceived` is published and the download is wanted
 * from now on; a crash in between leads to the same message again and the same event id.
 * @returns `undefined` if it does not count. What is refused is counted and otherwise without effect; what tells of a torrent that
 *   is known, as each announcement does again and again, is no refusal, nor is a message of another kind.
 */
export async function takeAnnouncement(
  context: ServiceContext,
  communityId: string,
  message: ChannelMessage,
): Promise<TakenAnnouncement | undefined> {
  const refuse = (reason: string, details: object): undefined => {
    context.log.debug({ communityId, reason, ...details }, 'an announcement does not count')
    context.refusals.count({ communityId, what: 'announcement', reason })
  }
  const read = readAnnouncement(message.payload)
  if (read.kind === 'other-message') return undefined
  if (read.kind === 'refused') return refuse(read.reason, { err: read.error, cursor: message.cursor })
  const { announcement } = read
  const community = await context.registry.get(communityId)
  const rows = context.state.collection(downloads)
  const judge = (download: Download | undefined): ReturnType<typeof judgeAnnouncement> =>
    judgeAnnouncement(community, download ?? {}, announcement)
  const judgement = judge((await rows.get(communityId))?.value)
  if (judgement !== 'counts')
    return judgement.ignored === 'same-torrent' ? undefined : refuse(judgement.ignored, { cursor: message.cursor })
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
    taken = judge(value) === 'counts' ? { replaced: value?.wanted?.infoHash } : undefined
    if (taken === undefined && value !== undefined) return value
    return { ...(value?.done && { done: value.done }), wanted, tries: 0, dueAt: systemClock.nowSeconds() }
  })
  return taken
}
