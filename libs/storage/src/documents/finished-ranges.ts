import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** The end of the range, Unix seconds. */
  to: z.number(),
})

/**
 * The last range of a community of which everything is done: the message store knows which messages its archives hold,
 * and its result is published. By community id. Not a part of the catalogue, which is long and written once a range.
 */
export const finishedRanges: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'finished-ranges',
  parse: (value) => schema.parse(value),
}
