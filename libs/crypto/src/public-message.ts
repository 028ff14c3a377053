import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { EncryptedMessageError } from './errors.ts'
import { decodeProtocolMessage } from './wire-messages.ts'

/** An ApplicationMetadataMessage as it goes over Waku: the public message of a ProtocolMessage (formats §5). */
export function wrapPublicMessage(message: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(102, WireType.LengthDelimited).bytes(message).finish()
}

/**
 * The ApplicationMetadataMessage in a ProtocolMessage, or the bytes themselves where they are a bare one. A view.
 * @throws InvalidMessageBytesError, EncryptedMessageError
 */
export function unwrapPublicMessage(bytes: Uint8Array): Uint8Array {
  const { publicMessage, encrypted } = decodeProtocolMessage(bytes)
  if (publicMessage === undefined && encrypted) throw new EncryptedMessageError()
  return publicMessage ?? bytes
}
