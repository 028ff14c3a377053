import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** Unix milliseconds, by channel id; the channel of the community's description has the empty one. */
  untilMilliseconds: z.record(z.string(), z.number()),
})

/** Up to when what the store nodes had of a community's chats is here, by community id. */
export const chatCoverage: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'chat-coverage',
  parse: (value) => schema.parse(value),
}
