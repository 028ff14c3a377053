import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'
import { wantedKeySchema } from './group-keys.ts'

const announcement = z.object({
  infoHash: z.string(),
  magnetLink: z.string(),
  clockMilliseconds: z.number(),
})

const downloadSchema = z.object({
  /** The newest announcement that counts and whose download is not done. */
  wanted: announcement.optional(),
  /** The announcement whose download was done last: only a newer clock and another link count. */
  done: announcement.optional(),
  /** Failed tries for `wanted`, and why the last one failed. */
  tries: z.number(),
  lastError: z.string().optional(),
  /** The key without which the index of `wanted` cannot be read; tried again when it is here. */
  waitsForKey: wantedKeySchema.optional(),
  /**
   * When `wanted` is to be tried, or archives that waited for a key to be imported, Unix seconds of the machine's clock;
   * absent where trying is of no use.
   */
  dueAt: z.number().optional(),
  /** W3C trace context of the announcement that is wanted: the tries belong to its trace. */
  traceparent: z.string().optional(),
})

export type Announcement = z.infer<typeof announcement>

/** What a member wants to download of a community, and what it has. */
export type Download = z.infer<typeof downloadSchema>

/** By community id. */
export const downloads: CollectionDefinition<Download> = {
  name: 'downloads',
  parse: (value) => downloadSchema.parse(value),
  dueAt: (value) => value.dueAt,
}

const progressSchema = z.object({
  infoHash: z.string(),
  /** Archives whose messages are imported, by archive id. */
  imported: z.record(
    z.string(),
    z.object({ blob: z.string(), stored: z.number(), known: z.number(), setAside: z.number() }),
  ),
  /** Bytes that came over the wire in tries before this one. */
  downloadedBytes: z.number(),
})

/** How far the download under way is; a try after a crash goes on from here. */
export type DownloadProgress = z.infer<typeof progressSchema>

/** By community id. */
export const downloadProgress: CollectionDefinition<DownloadProgress> = {
  name: 'download-progress',
  parse: (value) => progressSchema.parse(value),
}

const cursorsSchema = z.object({ cursors: z.record(z.string(), z.string()) })

/** Where listening on a community's announcement chats goes on, by community id; inside, by chat id. */
export const announcementCursors: CollectionDefinition<z.infer<typeof cursorsSchema>> = {
  name: 'announcement-cursors',
  parse: (value) => cursorsSchema.parse(value),
}
