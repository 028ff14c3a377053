import type { ServiceContext } from '@annals/service'
import type { Announcement, Catalogue } from '@annals/storage'
import { eventId } from '@annals/events'

interface Downloaded {
  readonly archivesFetched: number
  readonly archivesWaiting: number
  readonly downloadedBytes: number
}

/** Says that a torrent was taken into the catalogue; the seeder takes over from there. */
export async function sayDownloaded(
  context: Pick<ServiceContext, 'bus'>,
  communityId: string,
  { infoHash, magnetLink, clockMilliseconds }: Announcement,
  { generation, archives, indexWaits = false }: Catalogue,
  downloaded: Downloaded,
): Promise<void> {
  await context.bus.publish(
    {
      // The generation: who goes back by hand to what was fetched before makes a new one under an old clock.
      id: eventId('ArchivesDownloaded', communityId, clockMilliseconds, infoHash, generation),
      name: 'ArchivesDownloaded',
      communityId,
      payload: {
        infoHash,
        magnetLink,
        generation,
        archivesTotal: archives.length,
        indexWaiting: indexWaits,
        ...downloaded,
      },
    },
    { source: 'fetcher' },
  )
}
