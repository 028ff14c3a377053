import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** By reason. */
  reasons: z.record(
    z.string(),
    z.object({
      count: z.number(),
      /** Unix seconds of the machine's clock. */
      lastAt: z.number(),
    }),
  ),
})

/** What came for a community and had no effect, for operators to see: counts, not exact to the last one after a crash. */
export type RefusalsDocument = z.infer<typeof schema>

/** By `<community id>/<what it was taken for>`. */
export const refusals: CollectionDefinition<RefusalsDocument> = {
  name: 'refusals',
  parse: (value) => schema.parse(value),
}
