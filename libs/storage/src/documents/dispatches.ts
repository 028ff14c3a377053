import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** The clock of the last announcement, Unix milliseconds or more; only ever grows. */
  clockMilliseconds: z.number(),
  infoHash: z.string(),
  magnetLink: z.string(),
  /** The signed announcement, hex. The same bytes go out again after a crash. */
  message: z.string(),
})

/** The last announcement of a community that this installation controls, by community id. */
export type Dispatch = z.infer<typeof schema>

export const dispatches: CollectionDefinition<Dispatch> = {
  name: 'dispatches',
  parse: (value) => schema.parse(value),
}
