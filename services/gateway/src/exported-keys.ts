import type { ExportedGroupKey } from '@annals/proto/api/v1'
import type { KeyStore } from '@annals/keys'
import { toHex } from '@annals/crypto'

/** A community's group keys as they are, each with the first of its numbers that was not used yet. */
export async function exportedKeys(groups: KeyStore['groups'], communityId: string): Promise<ExportedGroupKey[]> {
  const keys: ExportedGroupKey[] = []
  for await (const { keyId } of groups.list(communityId)) {
    const found = await groups.get(communityId, keyId)
    if (found === undefined) continue
    const { groupId, key, timestampMilliseconds } = found
    const nextSequence = await groups.nextSequence(communityId, keyId)
    keys.push({ groupId: toHex(groupId), key: Buffer.from(key.reveal()), timestampMilliseconds, nextSequence })
  }
  return keys
}
