import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** Unix seconds of the machine's clock. */
  dueAt: z.number(),
})

/** What an installation does every now and then, whichever of its processes comes to it, by its name. */
export const chores: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'chores',
  parse: (value) => schema.parse(value),
  dueAt: (value) => value.dueAt,
}
