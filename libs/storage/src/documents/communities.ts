import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  communityId: z.string(),
  name: z.string(),
  controlNode: z.boolean(),
  joined: z.boolean(),
  archivingOn: z.boolean(),
  chats: z.array(z.object({ channelId: z.string(), name: z.string() })),
  /** The community's last event that this row takes in. */
  lastSequence: z.number(),
  /** Its id: the log may have lost it. */
  lastEventId: z.string().optional(),
  /** Which form of it the code made that wrote the row; 1 where absent. */
  form: z.number().optional(),
})

/** What this installation knows of a community: a projection of the log. */
export type CommunityDocument = z.infer<typeof schema>

/** By community id. */
export const communities: CollectionDefinition<CommunityDocument> = {
  name: 'communities',
  parse: (value) => schema.parse(value),
}
