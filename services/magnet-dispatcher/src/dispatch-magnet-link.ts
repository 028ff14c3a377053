import type { ServiceContext } from '@annals/service'
import type { Dispatch } from '@annals/storage'
import { decideDispatch } from '@annals/community'
import { announceChatId, encodeMagnetMessage, fromHex, toHex } from '@annals/crypto'
import { eventId } from '@annals/events'
import { catalogues, communityKeys, dispatches, seedings } from '@annals/storage'

/**
 * Announces the community's newest torrent if it is seeded. Looks at how things are, not at what an event said: a newer
 * torrent has its own event, and to announce an older one under a newer clock would take members back. The clock and
 * the signed bytes are kept before anything goes out: after a crash the very same bytes go out again, which a channel
 * and a member take for one message.
 * @throws MissingCommunityKeyError
 */
export async function dispatchMagnetLink(context: ServiceContext, communityId: string): Promise<void> {
  const community = await context.registry.get(communityId)
  if (community === undefined || !community.controlNode || !community.joined || !community.archivingOn) return
  const newest = (await context.state.collection(catalogues).get(communityId))?.value.torrent
  const seeded = (await context.state.collection(seedings).get(communityId))?.value.current
  if (newest === undefined || newest.infoHash !== seeded?.infoHash) return
  const dispatch = await keepDispatch(context, communityId, newest.infoHash, newest.magnetLink)
  const chatIds = context.config.announceChannels.map((channel) => announceChatId(communityId, channel))
  for (const chat of chatIds) await context.channel.publish(chat, fromHex(dispatch.message))
  const { infoHash, magnetLink, clockMilliseconds } = dispatch
  await context.bus.publish(
    {
      id: eventId('MagnetLinkDispatched', communityId, clockMilliseconds),
      name: 'MagnetLinkDispatched',
      communityId,
      payload: { infoHash, magnetLink, clockMilliseconds, chatIds },
    },
    { source: 'magnet-dispatcher' },
  )
}

async function keepDispatch(
  context: ServiceContext,
  communityId: string,
  infoHash: string,
  magnetLink: string,
): Promise<Dispatch> {
  const rows = context.state.collection(dispatches)
  const row = await rows.get(communityId)
  const decision = decideDispatch(row?.value, { infoHash, magnetLink }, context.clock.nowMilliseconds())
  if (row !== undefined && decision === 'already-dispatched') return row.value
  if (decision === 'already-dispatched') throw new TypeError('nothing was dispatched before')
  const key = await context.state.collection(communityKeys).get(communityId)
  if (key === undefined) throw new MissingCommunityKeyError(communityId)
  const { clockMilliseconds } = decision
  const privateKey = fromHex(key.value.privateKey)
  const message = toHex(encodeMagnetMessage({ privateKey, clockMilliseconds, magnetLink }))
  return (await rows.put(communityId, { clockMilliseconds, infoHash, magnetLink, message }, row?.version ?? 0)).value
}

/** The installation is the community's control node, but its private key is not in the state store. */
export class MissingCommunityKeyError extends Error {
  override readonly name = 'MissingCommunityKeyError'
  readonly communityId: string

  constructor(communityId: string) {
    super(
      `the private key of ${communityId} is missing: restore the state store from a backup, or add the community again`,
    )
    this.communityId = communityId
  }
}
