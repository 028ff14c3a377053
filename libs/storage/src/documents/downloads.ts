import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const announcement = z.object({
  infoHash: z.string(),
  magnetLink: z.string(),
  clockMilliseconds: z.number(),
})

const schema = z.object({
  /** Where reading goes on, by chat id. */
  cursors: z.record(z.string(), z.string()),
  /** The newest announcement that counts and whose download is not done. */
  wanted: announcement.optional(),
  /** The announcement whose download was done last: only a newer clock and another link count. */
  done: announcement.optional(),
  /** Failed tries for `wanted`, and why the last one failed. */
  tries: z.number(),
  lastError: z.string().optional(),
  /** When `wanted` is to be tried, Unix seconds. */
  dueAt: z.number().optional(),
  /** Archives of `wanted` whose messages are imported, by archive id; carries a count of what was set aside. */
  imported: z.record(z.string(), z.object({ stored: z.number(), known: z.number(), setAside: z.number() })),
  /** Bytes that came over the wire for `wanted` in tries before this one. */
  downloadedBytes: z.number(),
})

/** A member's download of a community's archives, by community id. */
export type Download = z.infer<typeof schema>

export const downloads: CollectionDefinition<Download> = {
  name: 'downloads',
  parse: (value) => schema.parse(value),
  dueAt: (value) => value.dueAt,
}

export const emptyDownload: Download = { cursors: {}, tries: 0, imported: {}, downloadedBytes: 0 }
