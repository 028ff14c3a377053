import type { ExportGroupKeysRequest, ExportGroupKeysResponse, ExportedGroupKey } from '@annals/proto/api/v1'
import { toHex } from '@annals/crypto'
import { checkCommunityId } from '../check-request.ts'
import { CallerElsewhereError } from '../gateway-errors.ts'
import { gatewayAddress } from '../server/address.ts'
import type { CallContext } from '../server/calls.ts'
import { isOnThisMachine } from '../server/is-on-this-machine.ts'

/** @throws CallerElsewhereError, whatever token the caller brought */
export async function exportGroupKeys(
  { keys: { groups }, config, log, peer }: CallContext,
  request: ExportGroupKeysRequest,
): Promise<ExportGroupKeysResponse> {
  const communityId = checkCommunityId(request.communityId)
  if (!isOnThisMachine(peer, gatewayAddress(config.grpcAddress, config.dataFolder))) throw new CallerElsewhereError()
  const keys: ExportedGroupKey[] = []
  for await (const { keyId } of groups.list(communityId)) {
    const found = await groups.get(communityId, keyId)
    if (found === undefined) continue
    const { groupId, key, timestampMilliseconds } = found
    const nextSequence = await groups.nextSequence(communityId, keyId)
    keys.push({ groupId: toHex(groupId), key: Buffer.from(key.reveal()), timestampMilliseconds, nextSequence })
  }
  log.warn({ communityId, keys: keys.length }, 'the group keys of a community were handed out')
  return { keys }
}
