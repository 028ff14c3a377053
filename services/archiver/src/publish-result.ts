import type { ServiceContext } from '@annals/service'
import type { Catalogue } from '@annals/storage'
import { eventId } from '@annals/events'

/** An event is at most 1 MiB. */
const maxDescribedArchives = 1_000

/** Says what came of a range: `ArchiveCreated` or `NoArchiveCreated`, under an id that the range alone makes. */
export async function publishResult(
  context: ServiceContext,
  communityId: string,
  catalogue: Catalogue,
  range: NonNullable<Catalogue['lastRange']>,
): Promise<void> {
  const { from, to } = range
  const leftOutMessages = range.leftOut.length
  const key = `${from}-${to}`
  if (range.newArchives === 0 || catalogue.torrent === undefined) {
    await context.bus.publish(
      {
        id: eventId('NoArchiveCreated', communityId, key),
        name: 'NoArchiveCreated',
        communityId,
        payload: { from, to, leftOutMessages },
      },
      { source: 'archiver' },
    )
    return
  }
  const { infoHash, magnetLink } = catalogue.torrent
  const described = Math.min(range.newArchives, maxDescribedArchives)
  const archives = catalogue.archives.slice(-described).map((archive) => ({
    archiveId: archive.id,
    from: archive.from,
    to: archive.to,
    offsetBytes: archive.offsetBytes,
    sizeBytes: archive.sizeBytes,
    messages: archive.messages,
  }))
  await context.bus.publish(
    {
      id: eventId('ArchiveCreated', communityId, key),
      name: 'ArchiveCreated',
      communityId,
      payload: {
        from,
        to,
        generation: catalogue.generation,
        infoHash,
        magnetLink,
        archives,
        leftOutMessages,
        archiveCount: range.newArchives,
      },
    },
    { source: 'archiver' },
  )
}
