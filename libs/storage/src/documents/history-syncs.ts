import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const storeAnswer = z.object({
  node: z.string(),
  /** Empty where the store was asked to the end. */
  failure: z.string(),
  messages: z.number(),
  missingMessages: z.number(),
  /** Unix seconds of the first and of the last of them. */
  missingSpans: z.array(z.object({ from: z.number(), to: z.number(), messages: z.number() })),
  refusedMessages: z.number(),
})

const schema = z.object({
  /** Behind it the stores are still to be asked; absent at the start. */
  place: z.string().optional(),
  /** How long no store has answered, tries and pauses between them together. */
  waitedSeconds: z.number(),
  newMessages: z.number(),
  knownMessages: z.number(),
  refusedMessages: z.record(z.string(), z.number()),
  /** Up to the place. */
  stores: z.array(storeAnswer),
})

/** How far a requested history sync has come; a try after a crash goes on from here. */
export type HistorySync = z.infer<typeof schema>

/** By the id of the request, until it is answered. */
export const historySyncs: CollectionDefinition<HistorySync> = {
  name: 'history-syncs',
  parse: (value) => schema.parse(value),
}
