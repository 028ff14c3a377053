import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** What it goes by among people. */
  label: z.string(),
  /** What it opens. */
  communityIds: z.array(z.string()),
  /** SHA-256 of the whole token, hex: the token itself is nowhere. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Unix seconds of the machine's clock. */
  createdAt: z.number(),
})

/** By which the owner of communities may do over HTTP what concerns these. */
export type OwnerToken = z.infer<typeof schema>

/** By the token's id. */
export const ownerTokens: CollectionDefinition<OwnerToken> = {
  name: 'owner-tokens',
  parse: (value) => schema.parse(value),
}
