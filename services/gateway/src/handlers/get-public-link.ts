import type { GetPublicLinkRequest, GetPublicLinkResponse } from '@annals/proto/api/v1'
import { decodeMagnetLink } from '@annals/archive'
import { toHex } from '@annals/crypto'
import { catalogues, dispatches } from '@annals/storage'
import { knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'

/** The announcement belongs to the link beside it: a newer torrent that is not announced yet is not shown. */
export async function getPublicLink(
  context: CallContext,
  request: GetPublicLinkRequest,
): Promise<GetPublicLinkResponse> {
  const { communityId, name, chats } = await knownCommunity(context, request.communityId)
  const dispatch = (await context.state.collection(dispatches).get(communityId))?.value
  const announced = dispatch === undefined || dispatch.message === '' ? undefined : dispatch
  const newest = announced ?? (await context.state.collection(catalogues).get(communityId))?.value.torrent
  const { magnetLink = '', infoHash = '' } = newest ?? {}
  const { trackers, webSeeds } = magnetLink === '' ? { trackers: [], webSeeds: [] } : decodeMagnetLink(magnetLink)
  const announcement = Buffer.from(announced?.message.replace(/^0x/, '') ?? '', 'hex')
  // Of an encrypted community only members know what its channels are called.
  const channels = (await isEncrypted(context, communityId)) ? [] : [...chats]
  return { communityId, name, magnetLink, infoHash, announcement, trackers, webSeeds, channels }
}

/** By the names of its keys: nobody who has no token has a key opened. */
async function isEncrypted({ keys }: CallContext, communityId: string): Promise<boolean> {
  for await (const { groupId } of keys.groups.list(communityId)) if (toHex(groupId) === communityId) return true
  return false
}
