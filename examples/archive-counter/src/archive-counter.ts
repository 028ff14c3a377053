import type { ServiceDefinition } from '@annals/service'
import { consumerDefaults } from '@annals/service'
import { z } from 'zod'

const count = z.object({ archives: z.number(), lastSequence: z.number() })
export const archiveCounts = { name: 'archive-counts', parse: (value: unknown) => count.parse(value) }

/** Counts the archives of each community, from the start of the log. */
export const archiveCounter: ServiceDefinition = {
  name: 'archive-counter',
  start: ({ bus, state }) =>
    bus.consume({ ...consumerDefaults, name: 'archive-counter', events: ['ArchiveCreated'] }, async (event) => {
      const { communityId } = event
      const row = await state.collection(archiveCounts).get(communityId)
      let { archives, lastSequence } = row?.value ?? { archives: 0, lastSequence: 0 }
      // The event only says that there is something new: what is new is what the log holds behind the row.
      for await (const news of bus.read({ communityId, names: ['ArchiveCreated'], after: lastSequence })) {
        if (news.name === 'ArchiveCreated') archives += news.payload.archiveCount
        lastSequence = news.sequence
      }
      await state.collection(archiveCounts).put(communityId, { archives, lastSequence }, row?.version ?? 0)
    }),
}
