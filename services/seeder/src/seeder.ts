import type { ServiceContext, ServiceDefinition } from '@annals/service'
import { consumerDefaults, mapConcurrently } from '@annals/service'
import { reconcileSeeding } from './reconcile-seeding.ts'

/** How many communities are taken up at once when the service starts. */
const startConcurrency = 8

/** Serves each community's newest torrent while its archiving is on, and says when that begins and ends. */
export const seeder: ServiceDefinition = {
  name: 'seeder',
  async start(context, signal) {
    await seedWhatExists(context, signal)
    return context.bus.consume(
      {
        ...consumerDefaults,
        name: 'seeder',
        events: ['ArchiveCreated', 'ArchivesDownloaded', 'ArchivingEnabled', 'ArchivingDisabled', 'CommunityLeft'],
      },
      (event) => reconcileSeeding(context, event.communityId),
    )
  },
}

/** After a start the client seeds nothing: every community is brought to what it should be. One that fails is logged. */
async function seedWhatExists(context: ServiceContext, signal: AbortSignal): Promise<void> {
  await mapConcurrently(context.registry.list(), startConcurrency, signal, async ({ communityId }) => {
    try {
      await reconcileSeeding(context, communityId)
    } catch (error) {
      context.log.error({ err: error, communityId }, 'the community cannot be seeded; its next event tries again')
    }
  })
}
