import type { Handover, MoveOutRequest, MoveOutResponse } from '@annals/proto/api/v1'
import type { CommunityDocument } from '@annals/storage'
import { AlreadyLeftError } from '@annals/community'
import { Secret, chatId, contentTopic } from '@annals/crypto'
import { encodeMovedKeys, leastPassphraseBytes, sealWithPassphrase } from '@annals/keys'
import { ControlRefusedError, newestHeard } from '@annals/service'
import { catalogues, dispatches } from '@annals/storage'
import { batchMessages } from '../batch-messages.ts'
import { checkCommunityId, knownCommunity } from '../check-request.ts'
import { CallerElsewhereError, InvalidRequestError, NotControlNodeError } from '../gateway-errors.ts'
import { exportedKeys } from '../exported-keys.ts'
import { gatewayAddress } from '../server/address.ts'
import type { CallContext } from '../server/calls.ts'
import { isOnThisMachine } from '../server/is-on-this-machine.ts'
import { release } from './release-control.ts'

/** Later than any message can be. */
const endOfTime = 2 ** 32

/** @throws CallerElsewhereError, whatever token the caller brought; and as `release` */
export async function* moveOut(context: CallContext, request: MoveOutRequest): AsyncIterable<MoveOutResponse> {
  const communityId = checkCommunityId(request.communityId)
  const { config, peer, log, messages } = context
  if (!isOnThisMachine(peer, gatewayAddress(config.grpcAddress, config.dataFolder))) throw new CallerElsewhereError()
  const passphrase = new Secret(request.passphrase)
  if (request.passphrase.length < leastPassphraseBytes)
    throw new InvalidRequestError({
      field: 'passphrase',
      description: `must have ${leastPassphraseBytes} bytes or more`,
    })
  await checkMovable(context, communityId)
  const community = await release(context, communityId)
  const handover = await handoverOf(context, community, passphrase)
  log.warn({ communityId }, 'control of a community was released, and its keys were handed out encrypted')
  yield { handover }
  const topics = community.chats.map(({ channelId }) => contentTopic(chatId(communityId, channelId)))
  for await (const pending of batchMessages(messages.pending(communityId, { before: endOfTime, topics })))
    yield { pending: { messages: pending } }
}

/** @throws UnknownCommunityError, AlreadyLeftError, NotControlNodeError, ControlRefusedError */
async function checkMovable(context: CallContext, communityId: string): Promise<void> {
  const { joined, controlNode } = await knownCommunity(context, communityId)
  if (!joined) throw new AlreadyLeftError(communityId)
  if (controlNode) return
  // Else it must have been released here, and not have gone elsewhere since.
  if ((await context.keys.communities.holder(communityId)) === undefined) throw new NotControlNodeError(communityId)
  const dispatch = (await context.state.collection(dispatches).get(communityId))?.value
  if ((await newestHeard(context.state, communityId)) > (dispatch?.clockMilliseconds ?? 0))
    throw new ControlRefusedError(communityId, 'announced-elsewhere')
}

async function handoverOf(
  { state, keys }: CallContext,
  { communityId, name, chats }: CommunityDocument,
  passphrase: Secret,
): Promise<Handover> {
  const catalogue = (await state.collection(catalogues).get(communityId))?.value
  const dispatch = (await state.collection(dispatches).get(communityId))?.value
  const moved = {
    privateKey: await keys.communities.get(communityId),
    groupKeys: await exportedKeys(keys.groups, communityId),
  }
  return {
    communityId,
    name,
    chats: [...chats],
    lastArchivedEnd: catalogue?.lastArchivedEnd,
    infoHash: catalogue?.torrent?.infoHash ?? '',
    magnetLink: catalogue?.torrent?.magnetLink ?? '',
    clockMilliseconds: dispatch?.clockMilliseconds ?? 0,
    announcement: Buffer.from(dispatch?.message.replace(/^0x/, '') ?? '', 'hex'),
    sealedKeys: Buffer.from(await sealWithPassphrase(passphrase, communityId, encodeMovedKeys(moved))),
  }
}
