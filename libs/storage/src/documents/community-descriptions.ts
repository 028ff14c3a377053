import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** The community's own; the highest one counts. */
  clock: z.number(),
  chats: z.array(z.object({ channelId: z.string(), name: z.string() })),
})

/** What a community last said of itself on the network, by community id. */
export type DescribedChats = z.infer<typeof schema>

export const communityDescriptions: CollectionDefinition<DescribedChats> = {
  name: 'community-descriptions',
  parse: (value) => schema.parse(value),
}
