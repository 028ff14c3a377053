import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

/** All times are Unix seconds of the machine's clock. */
const schema = z.object({
  /** Of the torrent that is looked for. */
  infoHash: z.string(),
  /** When to look again; absent where nothing is announced now. */
  dueAt: z.number().optional(),
  /** When a stranger got it, or the torrent before it, last. */
  fetchedAt: z.number().optional(),
  /** How many looks in a row failed, the first of them when, and how the last one did. */
  failures: z.number(),
  failedSince: z.number().optional(),
  failure: z.string().optional(),
  /** Whether a web seed gave it at the last look, and how it failed if not; absent where the link names none. */
  webSeed: z.object({ failure: z.string() }).optional(),
  /** What the log was told last, or is about to be told: all of the event, so that it is the same however often it is published. */
  said: z
    .object({
      infoHash: z.string(),
      /** Counts what was said of the community, from 1. */
      number: z.number(),
      reachable: z.boolean(),
      failure: z.string(),
      since: z.number(),
      peers: z.number(),
      downloadedBytes: z.number(),
      milliseconds: z.number(),
      webSeed: z.boolean().optional(),
    })
    .optional(),
})

/** Whether a stranger can fetch a community's newest archive, by community id. */
export type FetchProbe = z.infer<typeof schema>

export const fetchProbes: CollectionDefinition<FetchProbe> = {
  name: 'fetch-probes',
  parse: (value) => schema.parse(value),
  dueAt: (value) => value.dueAt,
}
