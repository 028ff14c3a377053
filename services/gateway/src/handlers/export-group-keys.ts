import type { ExportGroupKeysRequest, ExportGroupKeysResponse } from '@annals/proto/api/v1'
import { checkCommunityId } from '../check-request.ts'
import { exportedKeys } from '../exported-keys.ts'
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
  const keys = await exportedKeys(groups, communityId)
  log.warn({ communityId, keys: keys.length }, 'the group keys of a community were handed out')
  return { keys }
}
