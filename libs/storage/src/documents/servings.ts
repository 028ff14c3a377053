import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  infoHash: z.string(),
  /** Connected to the seeder, as it wrote down last. */
  peers: z.number().optional(),
  /** Sent by the seeder since it took up the torrent, as it wrote down last. */
  uploadedBytes: z.number().optional(),
})

/** What a seeder serves of a community, where several seeders share the communities. */
export type Serving = z.infer<typeof schema>

/** By community and seeder: `<community id>/<instance>`. */
export const servings: CollectionDefinition<Serving> = {
  name: 'servings',
  parse: (value) => schema.parse(value),
}
