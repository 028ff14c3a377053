import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** What is seeded; absent while nothing is. */
  current: z.object({ infoHash: z.string(), generation: z.number() }).optional(),
  /** What `current` took the place of, or what was switched off, until it is really gone and the event is out. */
  ending: z.object({ infoHash: z.string(), reason: z.string() }).optional(),
  /** Counts the starts, so that each has an event of its own. */
  starts: z.number(),
})

/** What this installation seeds for a community, by community id. */
export type Seeding = z.infer<typeof schema>

export const seedings: CollectionDefinition<Seeding> = {
  name: 'seedings',
  parse: (value) => schema.parse(value),
}
