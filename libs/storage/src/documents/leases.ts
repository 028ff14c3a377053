import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  holder: z.string(),
  /** Unix milliseconds of the holder's clock. */
  untilMilliseconds: z.number(),
})

/** Work that one process at a time is to do, by what it is: `<kind>/<community id>`. */
export const leases: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'leases',
  parse: (value) => schema.parse(value),
}
