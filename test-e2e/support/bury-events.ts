import { join } from 'node:path'
import { eventId, openEmbeddedBus } from '@annals/events'

const consumer = 'magnet-dispatcher'

/**
 * Lets the dispatcher of a node that is stopped give up events, as it would after a day on which it cannot announce: the
 * bus in its folder hands them out, and whoever handles them fails.
 * @returns the ids of the events
 */
export async function buryEvents(
  dataFolder: string,
  seeded: { readonly communityId: string; readonly infoHash: string },
  count: number,
  failure: Error,
): Promise<string[]> {
  const { communityId, infoHash } = seeded
  await using bus = await openEmbeddedBus({ path: join(dataFolder, 'events.db') })
  const ids = Array.from({ length: count }, (_, number) => eventId('SeedingStarted', communityId, `again-${number}`))
  for (const id of ids) {
    const payload = { infoHash, magnetLink: '', generation: 1, sizeBytes: 0 }
    await bus.publish({ id, name: 'SeedingStarted', communityId, payload }, { source: 'seeder' })
  }
  const events = ['SeedingStarted', 'ControlTaken', 'ArchivingEnabled'] as const
  const spec = { name: consumer, events, maxDeliveries: 1, backoffSeconds: [], concurrency: 1 }
  await using consumption = await bus.consume(spec, () => Promise.reject(failure))
  await consumption.idle()
  return ids
}
