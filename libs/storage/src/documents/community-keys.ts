import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'
import { sealedSchema } from './sealed.ts'

const schema = z.union([
  /** The private key is here. */
  z.object({ holder: z.literal('node'), sealed: sealedSchema }),
  /** The owner signs; here is what the owner's signer knows this installation by. */
  z.object({ holder: z.literal('owner'), sealed: sealedSchema }),
  /** As it was written before keys were encrypted: 0x and 64 hex digits. Encrypted as soon as it is seen. */
  z.object({ privateKey: z.string() }),
])

export type CommunityKeyDocument = z.infer<typeof schema>

/** How this installation signs for the communities it controls, by community id. Only `@annals/keys` looks inside. */
export const communityKeys: CollectionDefinition<CommunityKeyDocument> = {
  name: 'community-keys',
  parse: (value) => schema.parse(value),
}
