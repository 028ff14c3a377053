import type { ServiceDefinition } from '@annals/service'
import { consumerDefaults } from '@annals/service'
import { openStranger } from '@annals/torrents'
import { DueFetchProbes } from './due-fetch-probes.ts'
import { observeReach } from './observe-reach.ts'
import { patienceOf } from './patience.ts'
import { watchArchives } from './watch-archives.ts'

/** Fetches what was announced as a stranger would, on a beat, and says when it becomes known to be within reach, or out of it. */
export const prober: ServiceDefinition = {
  name: 'prober',
  start: async (context) => {
    await using stack = new AsyncDisposableStack()
    const { config, log } = context
    if (config.fetchProbeSeconds > 0) {
      const stranger = stack.use(
        openStranger({
          dht: config.torrentDht === 'on',
          patience: patienceOf(config),
          log: log.child({ engine: 'stranger' }),
        }),
      )
      stack.use(new DueFetchProbes(context, stranger))
      stack.use(observeReach(context))
    }
    stack.use(
      await context.bus.consume(
        {
          ...consumerDefaults,
          name: 'prober',
          events: ['MagnetLinkDispatched', 'ControlTaken', 'ArchivingEnabled'],
        },
        async ({ communityId }) => {
          await watchArchives(context, communityId)
        },
      ),
    )
    return stack.move()
  },
}
