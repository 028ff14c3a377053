import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const idParts = z.array(z.union([z.string(), z.number()])).readonly()

const schema = z.object({
  /** What the log says, up to `lastSequence`. All times are Unix seconds; the domain says what the fields mean. */
  schedule: z.object({
    controlNode: z.boolean(),
    joined: z.boolean(),
    archivingOn: z.boolean(),
    hasChats: z.boolean(),
    syncsRequested: z.number(),
    lastSynced: z.object({ since: z.number(), until: z.number() }).optional(),
    oldestMessage: z.number().optional(),
    newestMessage: z.number().optional(),
    lastArchivedEnd: z.number().optional(),
    pending: z.object({ from: z.number(), to: z.number() }).optional(),
    run: z
      .object({
        startedAt: z.number(),
        askedAt: z.number().optional(),
        synced: z.boolean(),
        emptyAt: z.number().optional(),
      })
      .optional(),
    lastSequence: z.number(),
  }),
  /** The id of the event at `lastSequence`: the log may have lost it. */
  lastEventId: z.string().optional(),
  /** Which form of `schedule` the code made that wrote the row; 1 where absent. */
  form: z.number().optional(),
  /** What was decided and is not known to be in the log yet. */
  decided: z.array(
    z.discriminatedUnion('name', [
      z.object({
        name: z.literal('HistorySyncRequested'),
        idParts,
        payload: z.object({ since: z.number(), until: z.number() }),
      }),
      z.object({
        name: z.literal('ArchiveDue'),
        idParts,
        payload: z.object({ from: z.number(), to: z.number(), intervalSeconds: z.number() }),
      }),
    ]),
  ),
  /** When the schedule is to be looked at again, Unix seconds; soon, or 0, while something is decided. */
  dueAt: z.number().optional(),
})

/** When a community is archived, by community id. Can be rebuilt from the log at any time. */
export type ScheduleDocument = z.infer<typeof schema>

export const schedules: CollectionDefinition<ScheduleDocument> = {
  name: 'schedules',
  parse: (value) => schema.parse(value),
  dueAt: (value) => value.dueAt,
}
