import type { ServiceContext } from '@annals/service'
import { appendArchive, messageOf, torrentOf } from '@annals/service/testing'
import { seedings } from '@annals/storage'

/** What the archiver and the seeder leave behind when a week is sealed and seeded. @returns the info hash */
export async function leaveSeeded(context: ServiceContext, communityId: string, from: number): Promise<string> {
  await appendArchive(context, communityId, [messageOf(communityId, from + 1)], from)
  const infoHash = await torrentOf(context, communityId)
  const rows = context.state.collection(seedings)
  const row = await rows.get(communityId)
  await rows.put(communityId, { current: { infoHash, generation: 1 }, starts: 1 }, row?.version ?? 0)
  return infoHash
}
