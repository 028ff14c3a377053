import { keccak256 } from '../keccak256.ts'
import { uncompressPublicKey } from '../keys.ts'
import { open } from '../ratchet/aes-gcm.ts'
import { recover } from '../sign.ts'
import { readFrame } from './frame.ts'

/** What an archive keeps of a Waku message beside its time, topic and hash (formats §2). */
export interface WakuPayload {
  /** An encoded ProtocolMessage, or a bare ApplicationMetadataMessage. */
  readonly data: Uint8Array
  /** As received. */
  readonly padding: Uint8Array
  /** 65 bytes, uncompressed: whose key signed the frame. */
  readonly senderPublicKey: Uint8Array
}

/**
 * Decrypts the payload of a Waku message with its chat's key, and finds who sent it (RFC 26, formats §5).
 * @throws UndecryptableError for a message that is not under this key, which a reader ignores;
 * InvalidWakuFrameError, InvalidSignatureError for one that its sender made badly; WrongLengthError for the key
 */
export async function decryptWakuPayload(payload: Uint8Array, symmetricKey: Uint8Array): Promise<WakuPayload> {
  const { data, padding, signature, signed } = readFrame(await open('Waku payload', symmetricKey, payload))
  return { data, padding, senderPublicKey: uncompressPublicKey(recover(signature, keccak256(signed))) }
}
