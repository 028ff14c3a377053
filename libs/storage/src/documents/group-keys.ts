import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'
import { sealedSchema } from './sealed.ts'

const keySchema = z.object({
  /** Hex: a community's id, or the text of a community's id and a channel's (formats §4, §8). */
  groupId: z.string(),
  timestampMilliseconds: z.number(),
  deprecatedKeyId: z.number(),
  sealed: sealedSchema,
})

export type GroupKeyDocument = z.infer<typeof keySchema>

/** The keys of encrypted communities, by `<community id>/<key id>`. Only `@annals/keys` looks inside. */
export const groupKeys: CollectionDefinition<GroupKeyDocument> = {
  name: 'group-keys',
  parse: (value) => keySchema.parse(value),
}

/** What names a key that something encrypted is under: older messages have 32 bits of its time and the group. */
export const wantedKeySchema = z.union([
  z.object({ keyId: z.string() }),
  z.object({ deprecatedKeyId: z.number(), groupId: z.string() }),
])

/** The name of a key of an encrypted community, in hex. */
export type WantedKeyDocument = z.infer<typeof wantedKeySchema>

const sequenceSchema = z.object({
  /** No number from here on was ever given out. */
  next: z.number(),
})

/** Which ratchet sequence numbers of a group's key are taken, by `<community id>/<key id>`. */
export const groupKeySequences: CollectionDefinition<z.infer<typeof sequenceSchema>> = {
  name: 'group-key-sequences',
  parse: (value) => sequenceSchema.parse(value),
}
