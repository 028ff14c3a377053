import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({ clockMilliseconds: z.number() })

/**
 * The newest clock under which somebody announced once more, signed by the community, what is here already; by community id.
 * It only ever grows.
 */
export const heardClocks: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'heard-clocks',
  parse: (value) => schema.parse(value),
}
