import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  /** 0x and 64 hex digits. */
  privateKey: z.string(),
})

/** The private keys of the communities this installation controls, by community id. They stand nowhere else. */
export const communityKeys: CollectionDefinition<z.infer<typeof schema>> = {
  name: 'community-keys',
  parse: (value) => schema.parse(value),
}
