import type { ServiceDefinition } from '@annals/service'
import { consumerDefaults } from '@annals/service'
import { AnnouncementListeners } from './announcement-listeners.ts'
import { DownloadWorker } from './download-worker.ts'

/** Follows the announcements of the communities this installation is a member of, and brings what they announce. */
export const fetcher: ServiceDefinition = {
  name: 'fetcher',
  async start(context) {
    await using stack = new AsyncDisposableStack()
    const worker = stack.use(new DownloadWorker(context))
    const listeners = stack.use(new AnnouncementListeners(context, worker))
    for await (const community of context.registry.list()) await listeners.follow(community.communityId)
    stack.use(
      await context.bus.consume(
        {
          ...consumerDefaults,
          name: 'fetcher',
          events: ['CommunityAdded', 'ArchivingEnabled', 'ArchivingDisabled', 'CommunityLeft'],
        },
        ({ communityId }) => listeners.follow(communityId),
      ),
    )
    return stack.move()
  },
}
