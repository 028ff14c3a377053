import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const archive = z.object({
  /** 0x and 64 hex digits. */
  id: z.string(),
  /** Unix seconds, [from, to). */
  from: z.number(),
  to: z.number(),
  /** 0x and 8 hex digits each. */
  contentTopics: z.array(z.string()),
  offsetBytes: z.number(),
  /** With padding. */
  sizeBytes: z.number(),
  paddingBytes: z.number(),
  /** Blob of the encoded archive without padding. */
  blob: z.string(),
  messages: z.number(),
})

const schema = z.object({
  /** Unix seconds; moves to the end of a range also when nothing was in it. Absent until a range is done. */
  lastArchivedEnd: z.number().optional(),
  /** 0 until there is an archive; each sealing or download that adds archives adds one. */
  generation: z.number(),
  /** In ascending offset, without gaps. */
  archives: z.array(archive),
  /**
   * Bytes of a fetched torrent's data that are of no archive that can be used, so that it can be served whole all the
   * same. A torrent of one's own has none.
   */
  fillers: z.array(z.object({ offsetBytes: z.number(), sizeBytes: z.number(), blob: z.string() })).optional(),
  /** Something in it is encrypted: what is sealed from then on is as well, or not at all. */
  encrypted: z.boolean().optional(),
  /** The fetched torrent's index waits for its key: what of the data is in no archive known before is in `fillers`. */
  indexWaits: z.boolean().optional(),
  /** What is seeded; absent until there is an archive. */
  torrent: z
    .object({
      infoHash: z.string(),
      magnetLink: z.string(),
      trackers: z.array(z.string()),
      /** Blob of the bencoded info dictionary: it holds the hash of every piece. */
      infoBlob: z.string(),
      indexBlob: z.string(),
      indexBytes: z.number(),
      /** W3C trace context of its making, or fetching: whoever seeds it later, as after a restart, goes on with that trace. */
      traceparent: z.string().optional(),
    })
    .optional(),
  /**
   * The torrent that the last sealing replaced, whose data is the beginning of the data now: it is to be had as long as its
   * index is kept, for whoever is still at it. A fetched torrent's need not begin alike, so there is none for it.
   */
  previous: z
    .object({ infoHash: z.string(), dataBytes: z.number(), indexBlob: z.string(), indexBytes: z.number() })
    .optional(),
  /** The last range that was sealed, so that its event can be published again after a crash. */
  lastRange: z
    .object({
      from: z.number(),
      to: z.number(),
      /** How many of `archives`, counted from the end, came of it. */
      newArchives: z.number(),
      leftOut: z.array(z.object({ timestamp: z.number(), hash: z.string() })),
    })
    .optional(),
  /** Blobs that the last generation replaced: kept until the next one, for whoever still serves the one before. */
  superseded: z.array(z.string()),
})

export type CatalogueArchive = z.infer<typeof archive>

/** All that is known of a community's archives. Its write with an expected version is what commits an archive. */
export type Catalogue = z.infer<typeof schema>

/** By community id. */
export const catalogues: CollectionDefinition<Catalogue> = {
  name: 'catalogues',
  parse: (value) => schema.parse(value),
}

export const emptyCatalogue: Catalogue = { generation: 0, archives: [], superseded: [] }
