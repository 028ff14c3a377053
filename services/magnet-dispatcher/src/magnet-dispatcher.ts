import type { ServiceDefinition } from '@annals/service'
import { consumerDefaults } from '@annals/service'
import { dispatchMagnetLink } from './dispatch-magnet-link.ts'

/** Announces to a community's members, signed by the community, what a control node has begun to seed. */
export const magnetDispatcher: ServiceDefinition = {
  name: 'magnet-dispatcher',
  start: (context) =>
    context.bus.consume({ ...consumerDefaults, name: 'magnet-dispatcher', events: ['SeedingStarted'] }, (event) =>
      dispatchMagnetLink(context, event),
    ),
}
