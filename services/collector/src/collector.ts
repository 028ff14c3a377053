import type { ServiceDefinition } from '@annals/service'
import { communityEventNames } from '@annals/community'
import { consumerDefaults } from '@annals/service'
import { syncHistory } from './sync-history.ts'

/**
 * Sees to it that the messages are here. Messages come in through the gateway; a network source to ask is not among
 * the embedded set, so a requested sync answers with what is held. Keeps the registry's rows up to date as well.
 */
export const collector: ServiceDefinition = {
  name: 'collector',
  async start(context) {
    await using stack = new AsyncDisposableStack()
    stack.use(
      await context.bus.consume(
        { ...consumerDefaults, name: 'collector-communities', events: communityEventNames },
        async (event) => {
          await context.registry.get(event.communityId)
        },
      ),
    )
    stack.use(
      await context.bus.consume({ ...consumerDefaults, name: 'collector', events: ['HistorySyncRequested'] }, (event) =>
        syncHistory(context, event),
      ),
    )
    return stack.move()
  },
}
