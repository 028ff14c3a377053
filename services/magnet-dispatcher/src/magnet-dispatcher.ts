import type { ServiceDefinition } from '@annals/service'
import { consumerDefaults } from '@annals/service'
import { dispatchMagnetLink } from './dispatch-magnet-link.ts'

/**
 * Announces to a community's members, signed by the community, what a control node has begun to seed. A start of seeding
 * that came to be looked at while archiving was switched off for a moment is announced when it is on again.
 */
export const magnetDispatcher: ServiceDefinition = {
  name: 'magnet-dispatcher',
  start: (context) =>
    context.bus.consume(
      { ...consumerDefaults, name: 'magnet-dispatcher', events: ['SeedingStarted', 'ArchivingEnabled'] },
      ({ communityId }) => dispatchMagnetLink(context, communityId),
    ),
}
