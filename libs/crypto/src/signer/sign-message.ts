import { communityIdOfPublicKey, communityIdOfPrivateKey } from '../community-id.ts'
import { CryptoError } from '../errors.ts'
import { keccak256 } from '../keccak256.ts'
import { recover, sign } from '../sign.ts'
import { encodeApplicationMetadata, encodeMagnetPayload } from '../wire-messages.ts'
import type { Secret } from './secret.ts'
import { NoSigningKeyError, WrongSignatureError } from './signer-errors.ts'
import type { SignatureRequest, Signer } from './signer.ts'
import { signableTypes } from './signer.ts'

/**
 * The signature that a private key gives to a request.
 * @throws NoSigningKeyError if it is not the community's key; InvalidPrivateKeyError
 */
export function signWithKey(privateKey: Secret, { communityId, payload }: SignatureRequest): Uint8Array {
  const bytes = privateKey.reveal()
  try {
    if (communityIdOfPrivateKey(bytes) !== communityId) throw new NoSigningKeyError(communityId)
    return sign(bytes, keccak256(payload))
  } finally {
    bytes.fill(0)
  }
}

/**
 * An encoded ApplicationMetadataMessage signed by the community (formats §5). The signature is checked: a signer may run
 * elsewhere.
 * @throws WrongSignatureError, and what the signer throws
 */
export async function signApplicationMessage(signer: Signer, request: SignatureRequest): Promise<Uint8Array> {
  const signature = await signer.sign(request)
  checkSignature(request, signature)
  return encodeApplicationMetadata({ signature, payload: request.payload, type: request.type })
}

/**
 * The announcement of a magnet link, signed by the community: an encoded ApplicationMetadataMessage. With the same
 * arguments the same bytes.
 * @throws InvalidClockError, WrongSignatureError, and what the signer throws
 */
export async function signMagnetMessage(
  signer: Signer,
  message: { readonly communityId: string; readonly clockMilliseconds: number; readonly magnetLink: string },
): Promise<Uint8Array> {
  const { communityId, ...payload } = message
  return signApplicationMessage(signer, {
    communityId,
    type: signableTypes.magnetLink,
    payload: encodeMagnetPayload(payload),
  })
}

/** @throws WrongSignatureError unless the community's key made the signature of the request */
export function checkSignature({ communityId, payload }: SignatureRequest, signature: Uint8Array): void {
  let signer: string
  try {
    signer = communityIdOfPublicKey(recover(signature, keccak256(payload)))
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw new WrongSignatureError(communityId, undefined, { cause: error })
  }
  // status-go takes V as 0 or 1 only, though `recover` takes more.
  if (signer !== communityId || (signature[64] as number) > 1) throw new WrongSignatureError(communityId, signer)
}
