import { z } from 'zod'

export const sealedSchema = z.object({
  /** Which master key it takes to open it, 16 hex digits. */
  masterKeyId: z.string(),
  /** Base64; `@annals/keys` says what is in it. */
  bytes: z.string(),
})

/** A secret as it stands in a store: encrypted under a key that is not in the store. */
export type SealedDocument = z.infer<typeof sealedSchema>
