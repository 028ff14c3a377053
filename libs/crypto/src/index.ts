export {
  maxMessageBytes,
  readApplicationMessage,
  unwrapApplicationMessage,
  wrapApplicationMessage,
} from './application-message.ts'
export type { ApplicationMessage, SignedApplicationMessage } from './application-message.ts'
export {
  announceChatId,
  chatId,
  communityIdOfPrivateKey,
  communityIdOfPublicKey,
  contentTopic,
  parseCommunityId,
} from './community-id.ts'
export {
  CryptoError,
  EncryptedMessageError,
  InvalidClockError,
  InvalidCommunityIdError,
  InvalidHexError,
  InvalidMessageBytesError,
  InvalidPrivateKeyError,
  InvalidPublicKeyError,
  InvalidSignatureError,
  UnexpectedMessageTypeError,
  WrongLengthError,
} from './errors.ts'
export { fromHex, toHex } from './hex.ts'
export { keccak256 } from './keccak256.ts'
export {
  compressedPublicKey,
  compressPublicKey,
  privateKeyFromRandom,
  privateKeySeedBytes,
  uncompressedPublicKey,
  uncompressPublicKey,
} from './keys.ts'
export { decodeMagnetMessage, encodeMagnetMessage, magnetMessageType } from './magnet-message.ts'
export type { MagnetMessage } from './magnet-message.ts'
export { prepareManySignatures, recover, sign } from './sign.ts'
export { readSignable } from './signer/read-signable.ts'
export type { Signable } from './signer/read-signable.ts'
export { Secret } from './signer/secret.ts'
export { checkSignature, signApplicationMessage, signMagnetMessage, signWithKey } from './signer/sign-message.ts'
export { signableTypes } from './signer/signer.ts'
export type { SignableType, SignatureRequest, Signer } from './signer/signer.ts'
export {
  NoSigningKeyError,
  SignerError,
  SignerRefusedError,
  SignerUnavailableError,
  WrongSignatureError,
} from './signer/signer-errors.ts'
