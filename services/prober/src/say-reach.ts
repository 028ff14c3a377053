import { eventId } from '@annals/events'
import type { ServiceContext } from '@annals/service'
import type { FetchProbe } from '@annals/storage'

/**
 * Tells the log what a row says that it was told, or is to be told. All of the event stands in the row, so it is the same event however often,
 * and by whomever, it is published.
 */
export async function sayReach(
  { bus }: Pick<ServiceContext, 'bus'>,
  communityId: string,
  said: NonNullable<FetchProbe['said']>,
): Promise<void> {
  const { infoHash, number, reachable, failure, since, peers, downloadedBytes, milliseconds, webSeed } = said
  const id = (name: 'ArchivesReachable' | 'ArchivesUnreachable'): string => eventId(name, communityId, infoHash, number)
  await bus.publish(
    reachable
      ? {
          id: id('ArchivesReachable'),
          name: 'ArchivesReachable',
          communityId,
          payload: { infoHash, peers, downloadedBytes, milliseconds, webSeed },
        }
      : {
          id: id('ArchivesUnreachable'),
          name: 'ArchivesUnreachable',
          communityId,
          payload: { infoHash, failure, since, peers, webSeed },
        },
    { source: 'prober' },
  )
}
