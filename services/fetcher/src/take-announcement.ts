import type { ChannelMessage } from '@annals/channels'
import type { ServiceContext } from '@annals/service'
import { decodeMagnetLink } from '@annals/archive'
import { judgeAnnouncement } from '@annals/community'
import { decodeMagnetMessage } from '@annals/crypto'
import { eventId } from '@annals/events'
import { systemClock, updateDocument } from '@annals/service'
import { downloads } from '@annals/storage'

/**
 * Judges a message of an announcement chat. If it counts, `MagnetLinkReceived` is published and the download is wanted
 * from now on; a crash in between leads to the same message again and the same event id.
 * @returns whether it counts. What cannot be read or does not count is logged and otherwise without effect.
 */
export async function takeAnnouncement(
  context: ServiceContext,
  communityId: string,
  message: ChannelMessage,
): Promise<boolean> {
  const announcement = readAnnouncement(context, communityId, message)
  if (announcement === undefined) return false
  const community = await context.registry.get(communityId)
  if (community === undefined) return false
  const rows = context.state.collection(downloads)
  const judgement = judgeAnnouncement(community, (await rows.get(communityId))?.value ?? {}, announcement)
  if (judgement !== 'counts') {
    context.log.debug({ communityId, ...judgement }, 'an announcement does not count')
    return false
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
  await updateDocument(rows, communityId, (value) => ({
    ...(value?.done && { done: value.done }),
    wanted,
    tries: 0,
    dueAt: systemClock.nowSeconds(),
  }))
  return true
}

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
