import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** Up to when the stores were asked, Unix seconds; what was found earlier does not take the place of it. */
  until: z.number(),
  /** Those with which something was wrong. */
  stores: z.array(
    z.object({
      node: z.string(),
      /** Why it was not asked to the end; empty where it was. */
      failure: z.string(),
      /** Messages that another store had and it had not. */
      missingMessages: z.number(),
      /** Up to when the stores were asked when something was wrong with it for the first time in a row, Unix seconds. */
      since: z.number(),
    }),
  ),
})

/** What was wrong with store nodes when they were asked for a community's messages last. */
export type HistoryFindings = z.infer<typeof schema>

/** By community id; absent where nothing was ever wrong. The log has it with all details. */
export const historyFindings: CollectionDefinition<HistoryFindings> = {
  name: 'history-findings',
  parse: (value) => schema.parse(value),
}
