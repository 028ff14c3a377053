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
export { encodeCommunityDescription } from './description/encode-description.ts'
export type { EncodeDescriptionOptions } from './description/encode-description.ts'
export { ForeignSignerError } from './description/errors.ts'
export { decodeJoinResponse, encodeJoinResponse, joinResponseMessageType } from './description/join-response.ts'
export type { JoinResponse } from './description/join-response.ts'
export { descriptionMessageType, readCommunityDescription } from './description/read-description.ts'
export type { CommunityDescription } from './description/read-description.ts'
export type { CommunityChannel } from './description/wire-description.ts'
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
export { unwrapPublicMessage, wrapPublicMessage } from './public-message.ts'
export { InvalidSegmentError } from './segments/errors.ts'
export type { SegmentProblem } from './segments/errors.ts'
export { SegmentAssembler } from './segments/segment-assembler.ts'
export type { ArrivedBytes, Assembled, SegmentAssemblerOptions } from './segments/segment-assembler.ts'
export { decryptForGroup, maxSeqNoAhead } from './ratchet/decrypt-for-group.ts'
export type {
  DecryptForGroupOptions,
  FoundGroupKey,
  GroupDecryption,
  LookUpGroupKey,
  WantedGroupKey,
} from './ratchet/decrypt-for-group.ts'
export { encryptForGroup } from './ratchet/encrypt-for-group.ts'
export type { EncryptedForGroup, EncryptForGroupOptions } from './ratchet/encrypt-for-group.ts'
export {
  GroupKeyMismatchError,
  InvalidGroupKeyError,
  InvalidInstallationIdError,
  InvalidSequenceNumberError,
  NotForGroupError,
  SequenceNumberTooHighError,
  UndecryptableError,
} from './ratchet/errors.ts'
export { createGroupKey, GroupKey } from './ratchet/group-key.ts'
export type { GroupKeyParts } from './ratchet/group-key.ts'
export { decodeGroupKeys, encodeGroupKeys } from './ratchet/group-keys-message.ts'
export { checkInstallationId, createInstallationId } from './ratchet/installation-id.ts'
export { RatchetCache } from './ratchet/ratchet-cache.ts'
export { isEncrypted } from './ratchet/wire-encrypted-message.ts'
export { prepareManySignatures, recover, sign } from './sign.ts'
export { decryptWakuPayload } from './waku-payload/decrypt-waku-payload.ts'
export type { WakuPayload } from './waku-payload/decrypt-waku-payload.ts'
export { encryptWakuPayload } from './waku-payload/encrypt-waku-payload.ts'
export {
  InvalidShardError,
  InvalidWakuFrameError,
  InvalidWakuTimestampError,
  WakuDataTooLargeError,
} from './waku-payload/errors.ts'
export { maxWakuDataBytes } from './waku-payload/frame.ts'
export { wakuMessageHash } from './waku-payload/message-hash.ts'
export type { WakuMessageParts } from './waku-payload/message-hash.ts'
export type { SignHash } from './waku-payload/sign-hash.ts'
export { deriveSymmetricKey, SymmetricKeys } from './waku-payload/symmetric-keys.ts'
export { wakuContentTopic, wakuPubsubTopic } from './waku-payload/topics.ts'
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
