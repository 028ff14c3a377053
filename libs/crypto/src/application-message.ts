import { InvalidMessageBytesError, InvalidSignatureError } from './errors.ts'
import { keccak256 } from './keccak256.ts'
import { unwrapPublicMessage } from './public-message.ts'
import { recover, sign } from './sign.ts'
import { decodeApplicationMetadata, encodeApplicationMetadata, type ApplicationMetadata } from './wire-messages.ts'

/** Bytes of a message that are looked at; a node of the network takes 150 KiB. */
export const maxMessageBytes = 1_048_576

export interface ApplicationMessage {
  /** A number of `ApplicationMetadataMessage.Type`. */
  readonly type: number
  readonly payload: Uint8Array
}

export interface SignedApplicationMessage extends ApplicationMessage {
  /** The 33-byte public key that signed the payload. */
  readonly signer: Uint8Array
}

/**
 * An encoded ApplicationMetadataMessage: a payload, signed, with its type (formats §5). The same arguments give the
 * same bytes.
 * @throws InvalidPrivateKeyError
 */
export function wrapApplicationMessage(message: ApplicationMessage & { readonly privateKey: Uint8Array }): Uint8Array {
  const { privateKey, type, payload } = message
  return encodeApplicationMetadata({ signature: sign(privateKey, keccak256(payload)), payload, type })
}

/**
 * Reads a bare ApplicationMetadataMessage, or one that is a ProtocolMessage's public message, and finds who signed it.
 * @throws InvalidMessageBytesError, EncryptedMessageError, InvalidSignatureError
 */
export function unwrapApplicationMessage(bytes: Uint8Array): SignedApplicationMessage {
  const message = readApplicationMessage(bytes)
  return { type: message.type, payload: message.payload, signer: signerOf(message) }
}

/**
 * Reads without looking at the signature, which is what takes nearly all the time: anybody may have made the message.
 * @throws InvalidMessageBytesError, EncryptedMessageError
 */
export function readApplicationMessage(bytes: Uint8Array): ApplicationMetadata {
  if (bytes.length > maxMessageBytes)
    throw new InvalidMessageBytesError('message', `${bytes.length} bytes, more than ${maxMessageBytes}`)
  // A copy, so that nothing that leaves here changes with the caller's buffer.
  const own = new Uint8Array(bytes)
  return decodeApplicationMetadata(unwrapPublicMessage(own))
}

/** Whose key signed the payload: the recovered one, so a changed payload gives another signer. */
export function signerOf({ signature, payload }: ApplicationMetadata): Uint8Array {
  if (signature.length === 0) throw new InvalidSignatureError('there is none')
  return recover(signature, keccak256(payload))
}
