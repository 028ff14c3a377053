import type { ServiceContext } from '@annals/service'

/** Ends whatever else this process serves of a community, also a torrent that no row knows of any more. */
export async function unseedOthers(
  context: ServiceContext,
  communityId: string,
  wantedInfoHash: string | undefined,
): Promise<void> {
  for (const seeded of context.torrents.seeding()) {
    if (seeded.communityId !== communityId || seeded.infoHash === wantedInfoHash) continue
    await context.torrents.unseed(communityId, seeded.infoHash)
  }
}
