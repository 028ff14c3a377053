import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** The clock of the last announcement, Unix milliseconds or more; only ever grows. */
  clockMilliseconds: z.number(),
  infoHash: z.string(),
  magnetLink: z.string(),
  /** The signed announcement, hex. The same bytes go out again after a crash. Empty while it waits for its signature. */
  message: z.string(),
  /** When to go on with it, Unix seconds of the machine's clock; absent where there is nothing to be done. */
  dueAt: z.number().optional(),
  /** True where it went out and `dueAt` is when to announce the same again; else its signature, or its way out, is waited for. */
  repeats: z.boolean().optional(),
  /** How often the signature was asked for in vain, and what came of it last. */
  tries: z.number().optional(),
  lastError: z.string().optional(),
  /** W3C trace context of what it is announced because of: whoever goes on with it later goes on with its trace. */
  traceparent: z.string().optional(),
})

/** The last announcement of a community that this installation controls, by community id. */
export type Dispatch = z.infer<typeof schema>

export const dispatches: CollectionDefinition<Dispatch> = {
  name: 'dispatches',
  parse: (value) => schema.parse(value),
  dueAt: (value) => value.dueAt,
}
