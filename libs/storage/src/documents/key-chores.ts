import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({})

/** There is one document, `scrub`, from before plain keys are encrypted until what is left of them in the files is gone. */
export const keyChores: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'key-chores',
  parse: (value) => schema.parse(value),
}
