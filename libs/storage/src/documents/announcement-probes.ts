import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

/** All times are Unix seconds of the machine's clock. */
const schema = z.object({
  /** Of the announcement that is looked for. */
  infoHash: z.string(),
  /** Before this it was not published; what is older need not be looked at. */
  publishedAfter: z.number(),
  /** When to look again; absent where nothing is announced now. */
  dueAt: z.number().optional(),
  /** When somebody new would have found it, by the last look that found it. */
  foundAt: z.number().optional(),
  /** Since when nobody new finds it; absent while it is found. */
  missingSince: z.number().optional(),
  /** Since when nobody says whether it is there; absent while somebody does. */
  unknownSince: z.number().optional(),
  /** How often it was published again because it was missing, since it was found last. */
  repetitions: z.number(),
})

/** Whether members who come now find a community's newest announcement, by community id. */
export type AnnouncementProbe = z.infer<typeof schema>

export const announcementProbes: CollectionDefinition<AnnouncementProbe> = {
  name: 'announcement-probes',
  parse: (value) => schema.parse(value),
  dueAt: (value) => value.dueAt,
}
