import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const requestSchema = z.object({
  communityId: z.string(),
  /** Of the message, as in `ApplicationMetadataMessage`. */
  type: z.number(),
  /** What is to be signed, hex. */
  payload: z.string(),
  /** Unix seconds of the machine's clock. */
  askedAt: z.number(),
})

export type SignatureRequestDocument = z.infer<typeof requestSchema>

/** What waits for an owner's signature, by `<community id>/<type>`: of each type the newest alone. */
export const signatureRequests: CollectionDefinition<SignatureRequestDocument> = {
  name: 'signature-requests',
  parse: (value) => requestSchema.parse(value),
}

const answerSchema = z.object({
  /** What it answers, hex. */
  payload: z.string(),
  /** 65 bytes in hex; absent where the owner's signer refused. */
  signature: z.string().optional(),
  refusal: z.string().optional(),
})

/** What an owner's signer answered last, by `<community id>/<type>`. */
export const signatureAnswers: CollectionDefinition<z.infer<typeof answerSchema>> = {
  name: 'signature-answers',
  parse: (value) => answerSchema.parse(value),
}
