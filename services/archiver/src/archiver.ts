import type { ServiceDefinition } from '@annals/service'
import { SealBuffer } from '@annals/archive'
import { consumerDefaults, holdLease } from '@annals/service'
import { BlobCollection } from './blob-collection.ts'
import { sealRange } from './seal-range.ts'

/**
 * Turns each `ArchiveDue` into archives in the catalogue, and says so. Keeps no files of its own. Of several archivers
 * one at a time works on a community.
 */
export const archiver: ServiceDefinition = {
  name: 'archiver',
  uses: ['keys'],
  async start(context) {
    await using stack = new AsyncDisposableStack()
    stack.use(new BlobCollection(context))
    const buffer = new SealBuffer()
    stack.use(
      await context.bus.consume(
        { ...consumerDefaults, name: 'archiver', events: ['ArchiveDue'], concurrency: 2 },
        (event, { signal }) =>
          holdLease(
            context,
            `archiver/${event.communityId}`,
            (held) => sealRange(context, event, { signal: held, buffer }),
            signal,
          ),
      ),
    )
    return stack.move()
  },
}
