import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'
import { wantedKeySchema } from './group-keys.ts'

const schema = z.object({
  /** 0x and 64 hex digits. */
  archiveId: z.string(),
  /** Blob of the encrypted archive without padding. */
  blob: z.string(),
  wantedKey: wantedKeySchema,
})

/** A fetched archive whose messages are imported when its key comes, whatever became of the torrent it came with. */
export type WaitingArchive = z.infer<typeof schema>

/** By `<community id>/<blob>`. */
export const waitingArchives: CollectionDefinition<WaitingArchive> = {
  name: 'waiting-archives',
  parse: (value) => schema.parse(value),
}
