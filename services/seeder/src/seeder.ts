import type { ServiceDefinition } from '@annals/service'
import { Membership, Share, ownConsumerDefaults } from '@annals/service'
import { forgetServings } from './forget-servings.ts'
import { SwarmNotes } from './note-swarms.ts'
import { observeSeeding } from './observe-seeding.ts'
import { SeedingRounds } from './seeding-rounds.ts'
import { serveUntilOthersDo } from './serve-until-others-do.ts'

/**
 * Serves each community's newest torrent while its archiving is on, and says when that begins and ends. Where several
 * seeders are at work they share the communities, a few seeders each: every one of them hears of every event.
 */
export const seeder: ServiceDefinition = {
  name: 'seeder',
  uses: ['torrents'],
  async start(context, signal) {
    const { shared, instance, torrents, config, log } = context
    await using stack = new AsyncDisposableStack()
    stack.defer(() => log.info({ torrents: torrents.seeding().length }, 'drained; serving ends'))
    if (shared) await forgetServings(context)
    const membership = await Membership.join(context, { service: 'seeder', torrents: torrents.address })
    if (shared) stack.defer(() => serveUntilOthersDo(context, membership))
    stack.use(membership)
    const share = shared ? new Share(membership, config.seedReplicas) : undefined
    const rounds = stack.use(new SeedingRounds(context, share, signal))
    stack.use(observeSeeding(context, share))
    if (shared) stack.use(new SwarmNotes(context))
    stack.use(membership.onChange(() => rounds.again()))
    // A log that lost its end lost what was said of the newest torrents.
    stack.use(context.bus.onReconnect(() => rounds.again()))
    stack.use(
      await context.bus.consume(
        {
          ...ownConsumerDefaults,
          name: shared ? `seeder-${instance}` : 'seeder',
          events: ['ArchiveCreated', 'ArchivesDownloaded', 'ArchivingEnabled', 'ArchivingDisabled', 'CommunityLeft'],
        },
        (event) => rounds.reconcile(event.communityId),
      ),
    )
    // Begun now, so that nothing falls between what it sees and what the events tell. The start ends with it: a seeder is
    // ready, and the next one may be stopped, when it serves again what it served before.
    await rounds.begin()
    return stack.move()
  },
}
