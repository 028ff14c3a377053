import type { MadeTorrent } from '@annals/service/testing'
import { encodeIndex } from '@annals/archive'
import { GroupKey, RatchetCache, encryptForGroup, parseCommunityId } from '@annals/crypto'
import { makeTorrent } from '@annals/service/testing'
import { communityId, week } from './open-scene.ts'

const installationId = '6f1c9f5e-3a52-4d8e-9f7b-2b1d3c4e5f60'

/** A key of the scene's community; the higher its number the newer it is. */
export function groupKey(number: number): GroupKey {
  const groupId = parseCommunityId(communityId)
  return new GroupKey({ groupId, key: new Uint8Array(32).fill(number), timestampMilliseconds: number * 1_000 })
}

/**
 * A torrent of weeks of two messages each, from 1000 on, each week under the key of its number, and its index under
 * another; 0 stands for none. `damage` changes the bytes of an encrypted archive.
 */
export async function encryptedWeeks(
  archiveKeys: readonly number[],
  indexKey: number,
  damage: (encrypted: Uint8Array, week: number) => void = () => undefined,
): Promise<MadeTorrent> {
  const ratchet = new RatchetCache()
  let seqNo = 0
  const encrypt = async (plain: Uint8Array, number: number): Promise<Uint8Array> => {
    if (number === 0) return plain
    const { bytes } = await encryptForGroup(plain, { key: groupKey(number), seqNo: ++seqNo, installationId, ratchet })
    return bytes
  }
  const raws = []
  for (const [at, number] of archiveKeys.entries()) {
    const from = 1_000 * (at + 1)
    const plain = await week(from, from + 1, from + 2)
    const encoded = await encrypt(plain.encoded, number)
    damage(encoded, at)
    raws.push({ ...plain, encoded })
  }
  const { entries } = makeTorrent(communityId, raws)
  const index = await encrypt(encodeIndex(entries), indexKey)
  return makeTorrent(communityId, raws, () => index)
}
