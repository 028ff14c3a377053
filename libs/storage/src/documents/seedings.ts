import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  infoHash: z.string(),
  generation: z.number(),
})

/** What this installation last said it seeds for a community, by community id. */
export type Seeding = z.infer<typeof schema>

export const seedings: CollectionDefinition<Seeding> = {
  name: 'seedings',
  parse: (value) => schema.parse(value),
}
