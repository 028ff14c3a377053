import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** The clock of the last announcement, Unix milliseconds or more; only ever grows. */
  clockMilliseconds: z.number(),
  infoHash: z.string(),
  magnetLink: z.string(),
  /** The signed announcement, hex. The same bytes go out again after a crash. Empty while it waits for its signature. */
  message: z.string(),
  /** When to ask for the signature again, Unix seconds of the machine's clock; absent where nothing is waited for. */
  dueAt: z.number().optional(),
  /** How often the signature was asked for in vain, and what came of it last. */
  tries: z.number().optional(),
  lastError: z.string().optional(),
})

/** The last announcement of a community that this installation controls, by community id. */
export type Dispatch = z.infer<typeof schema>

export const dispatches: CollectionDefinition<Dispatch> = {
  name: 'dispatches',
  parse: (value) => schema.parse(value),
  dueAt: (value) => value.dueAt,
}
