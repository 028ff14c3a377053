import type { ServiceContext } from '@annals/service'
import { servings } from '@annals/storage'
import { servingId } from './note-serving.ts'
import { unseedOthers } from './unseed-others.ts'

/**
 * Lets go of a community that others take care of now: once all of them serve it, so that nobody who fetches is left
 * without a seeder. What is on the disk stays for a while, in case the community comes back.
 * @returns false while it is served on
 */
export async function handOver(
  context: ServiceContext,
  communityId: string,
  wantedInfoHash: string | undefined,
  owners: readonly string[],
): Promise<boolean> {
  const rows = context.state.collection(servings)
  const serves = context.torrents.seeding().some((seeded) => seeded.communityId === communityId)
  if (serves && wantedInfoHash !== undefined) {
    for (const owner of owners) {
      const row = await rows.get(servingId(communityId, owner))
      if (row?.value.infoHash !== wantedInfoHash) return false
    }
  }
  await unseedOthers(context, communityId, undefined)
  const own = await rows.get(servingId(communityId, context.instance))
  if (own !== undefined) await rows.delete(own.id, own.version)
  return true
}
