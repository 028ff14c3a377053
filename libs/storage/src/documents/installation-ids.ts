import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({ installationId: z.string() })

/** The id that a control node's encrypted archives carry, by community id: one for all that it ever writes. */
export const installationIds: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'installation-ids',
  parse: (value) => schema.parse(value),
}
