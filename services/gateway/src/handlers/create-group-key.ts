import type { CreateGroupKeyRequest, CreateGroupKeyResponse } from '@annals/proto/api/v1'
import { controlledCommunity } from '../check-request.ts'
import { publishGroupKey } from '../publish-group-key.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiGroupKey } from '../to-api.ts'

/** A caller that hears no answer looks which keys there are. */
export async function createGroupKey(
  context: CallContext,
  request: CreateGroupKeyRequest,
): Promise<CreateGroupKeyResponse> {
  const { communityId } = await controlledCommunity(context, request.communityId)
  const key = await context.keys.groups.create(communityId, context.clock.nowMilliseconds(), request.rotate)
  await publishGroupKey(context, key)
  return { key: toApiGroupKey(key) }
}
