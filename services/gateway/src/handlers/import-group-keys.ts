import type { ImportGroupKeysRequest, ImportGroupKeysResponse } from '@annals/proto/api/v1'
import type { GroupKeyInfo } from '@annals/keys'
import { CryptoError, GroupKey, chatId, decodeGroupKeys, parseCommunityId } from '@annals/crypto'
import { checkChannelId, checkCommunityId } from '../check-request.ts'
import { InvalidRequestError } from '../gateway-errors.ts'
import { publishGroupKey } from '../publish-group-key.ts'
import type { CallContext } from '../server/calls.ts'
import { toApiGroupKey } from '../to-api.ts'

/** Says of each key that it is here, also of those that were: the caller before may have died in between. */
export async function importGroupKeys(
  context: CallContext,
  request: ImportGroupKeysRequest,
): Promise<ImportGroupKeysResponse> {
  const communityId = checkCommunityId(request.communityId)
  const keys: GroupKeyInfo[] = []
  let added = 0
  for (const key of readKeys(request, groupOf(communityId, request.channelId))) {
    const kept = await context.keys.groups.putRead(communityId, key)
    if (kept.added) added += 1
    await publishGroupKey(context, kept.info)
    keys.push(kept.info)
  }
  return { keys: keys.map(toApiGroupKey), added }
}

function groupOf(communityId: string, channelId: string): Uint8Array {
  if (channelId === '') return parseCommunityId(communityId)
  return Buffer.from(chatId(communityId, checkChannelId(channelId, 'channel_id')))
}

/** @throws InvalidRequestError, in which nothing of a key stands */
function readKeys({ hrKeys, key }: ImportGroupKeysRequest, groupId: Uint8Array): GroupKey[] {
  const field = key === undefined ? 'hr_keys' : 'key'
  try {
    const keys =
      key === undefined
        ? decodeGroupKeys(hrKeys ?? new Uint8Array(), groupId)
        : [new GroupKey({ groupId, key: key.key, timestampMilliseconds: key.timestampMilliseconds })]
    if (keys.length > 0) return keys
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
  }
  throw new InvalidRequestError({
    field,
    description:
      key === undefined
        ? 'must be an encoded HRKeys with a key or more'
        : 'must be a key of 32 bytes, with its time in milliseconds',
  })
}
