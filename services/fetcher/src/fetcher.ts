import type { ServiceDefinition } from '@annals/service'
import { FollowRounds, Membership, Share, ownConsumerDefaults, systemClock, waitedSeconds } from '@annals/service'
import { downloads } from '@annals/storage'
import { AnnouncementListeners } from './announcement-listeners.ts'
import { DownloadWorker } from './download-worker.ts'

/**
 * Follows the announcements of the communities this installation is a member of, and brings what they announce. Where
 * several fetchers are at work each listens for its share of the communities, and any of them takes up what is wanted.
 */
export const fetcher: ServiceDefinition = {
  name: 'fetcher',
  uses: ['torrents', 'keys'],
  async start(context, signal) {
    const { shared, instance } = context
    await using stack = new AsyncDisposableStack()
    const membership = stack.use(await Membership.join(context, { service: 'fetcher' }))
    const worker = stack.use(new DownloadWorker(context))
    stack.use(
      context.metrics.observe(async (report) => {
        const dueAt = await context.state.collection(downloads).nextDueAt()
        report('oldestDue', waitedSeconds(dueAt, systemClock.nowSeconds()), { 'annals.due.kind': 'downloads' })
      }),
    )
    const listeners = stack.use(new AnnouncementListeners(context, worker, new Share(membership, 1)))
    stack.use(
      await context.bus.consume(
        {
          ...ownConsumerDefaults,
          name: shared ? `fetcher-${instance}` : 'fetcher',
          events: [
            'CommunityAdded',
            'ControlTaken',
            'ControlReleased',
            'GroupKeyAdded',
            'ArchivingEnabled',
            'ArchivingDisabled',
            'CommunityLeft',
          ],
        },
        ({ communityId }) => listeners.follow(communityId),
      ),
    )
    const rounds = stack.use(
      new FollowRounds(context, {
        follow: (communityId) => listeners.follow(communityId),
        failure: 'announcements cannot be followed; trying again',
        signal,
      }),
    )
    stack.use(membership.onChange(() => void rounds.run()))
    await rounds.run()
    return stack.move()
  },
}
