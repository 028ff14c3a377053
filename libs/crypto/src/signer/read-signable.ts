import { InvalidMessageBytesError } from '../errors.ts'
import { decodeMagnetPayload, readClock } from '../wire-messages.ts'
import { SignerRefusedError } from './signer-errors.ts'
import type { SignatureRequest } from './signer.ts'
import { signableTypes } from './signer.ts'

/** What somebody who is asked to sign looks at. */
export interface Signable {
  /** Orders the messages of a type: receivers ignore one that is older than what they saw. */
  readonly clock: number
  /** Absent in a description. */
  readonly magnetLink?: string
}

/**
 * What a request wants to be signed.
 * @throws SignerRefusedError for another type, for a payload that is no message of its type, and for an empty link
 */
export function readSignable({
  communityId,
  type,
  payload,
}: Omit<SignatureRequest, 'type'> & { type: number }): Signable {
  try {
    if (type === signableTypes.description) return { clock: readClock('CommunityDescription', payload) }
    if (type === signableTypes.magnetLink) {
      const { clockMilliseconds, magnetLink } = decodeMagnetPayload(payload)
      if (magnetLink === '') throw new SignerRefusedError(communityId, 'an announcement without a magnet link')
      return { clock: clockMilliseconds, magnetLink }
    }
  } catch (error) {
    if (!(error instanceof InvalidMessageBytesError)) throw error
    throw new SignerRefusedError(communityId, error.message, { cause: error })
  }
  throw new SignerRefusedError(communityId, `a message of type ${type}, which is not signed here`)
}
