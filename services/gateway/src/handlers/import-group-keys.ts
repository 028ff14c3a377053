import type { ExportedGroupKey, ImportGroupKeysRequest, ImportGroupKeysResponse } from '@annals/proto/api/v1'
import type { GroupKeyInfo } from '@annals/keys'
import { CryptoError, GroupKey, chatId, decodeGroupKeys, fromHex, parseCommunityId } from '@annals/crypto'
import { lastSequence } from '@annals/keys'
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
  for (const { key, usedUpTo } of readKeys(request, communityId)) {
    const kept = await context.keys.groups.putRead(communityId, key, usedUpTo)
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

interface GivenKey {
  readonly key: GroupKey
  /** Sequence numbers that were used elsewhere. */
  readonly usedUpTo: number
}

const descriptions = {
  hr_keys: 'must be an encoded HRKeys with a key or more',
  key: 'must be a key of 32 bytes, with its time in milliseconds',
  exported: 'must be keys of the community and its channels as ExportGroupKeys hands them out, one or more',
} as const

/** @throws InvalidRequestError, in which nothing of a key stands */
function readKeys(request: ImportGroupKeysRequest, communityId: string): GivenKey[] {
  const { hrKeys, key, exported, channelId } = request
  const field = key !== undefined ? 'key' : exported !== undefined ? 'exported' : 'hr_keys'
  try {
    if (exported !== undefined) {
      if (channelId === '' && exported.keys.length > 0)
        return exported.keys.map((each) => readExported(each, communityId))
    } else {
      const groupId = groupOf(communityId, channelId)
      const keys =
        key === undefined
          ? decodeGroupKeys(hrKeys ?? new Uint8Array(), groupId)
          : [new GroupKey({ groupId, key: key.key, timestampMilliseconds: key.timestampMilliseconds })]
      if (keys.length > 0) return keys.map((each) => ({ key: each, usedUpTo: 0 }))
    }
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
  }
  throw new InvalidRequestError({ field, description: descriptions[field] })
}

/** @throws InvalidRequestError, CryptoError */
function readExported(
  { groupId: group, key, timestampMilliseconds, nextSequence }: ExportedGroupKey,
  communityId: string,
): GivenKey {
  const groupId = fromHex(group)
  const isCommunitys = group === communityId || Buffer.from(groupId).toString('latin1').startsWith(communityId)
  if (!isCommunitys || !Number.isSafeInteger(nextSequence) || nextSequence < 1 || nextSequence > lastSequence + 1)
    throw new InvalidRequestError({ field: 'exported', description: descriptions.exported })
  return { key: new GroupKey({ groupId, key, timestampMilliseconds }), usedUpTo: nextSequence - 1 }
}
