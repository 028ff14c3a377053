import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({ clockMilliseconds: z.number() })

/** Up to which announcement a community said in its description that there are archives, by community id; only ever grows. */
export const describedClocks: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'described-clocks',
  parse: (value) => schema.parse(value),
}
