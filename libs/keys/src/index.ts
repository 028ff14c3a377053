export { CommunityKeys } from './community-keys.ts'
export type { CommunityKeyInfo, KeyHolder } from './community-keys.ts'
export { examineKeys } from './examine-keys.ts'
export type { KeyExamination, StoredSecrets } from './examine-keys.ts'
export { GroupCipher, wantedKeyText } from './group-cipher.ts'
export type { OpenedBytes } from './group-cipher.ts'
export { GroupKeys, lastSequence } from './group-keys.ts'
export type { GroupKey, GroupKeyInfo } from './group-keys.ts'
export {
  GroupKeyExistsError,
  KeyHeldHereError,
  NoGroupKeyError,
  SequencesExhaustedError,
  UnknownGroupKeyError,
} from './key-errors.ts'
export { KeySigner } from './key-signer.ts'
export { KeyStore } from './key-store.ts'
export type { Rotation } from './key-store.ts'
export { makeMasterKeyFile } from './master/make-master-key-file.ts'
export {
  MasterKeyExposedError,
  MasterKeyFileError,
  MasterKeyFormError,
  MasterKeyMissingError,
  MasterKeyUnreadableError,
} from './master/master-key-errors.ts'
export { openKeyStore } from './open-key-store.ts'
export type { KeyStoreOptions } from './open-key-store.ts'
export { OwnerSigner } from './remote/owner-signer.ts'
export { decodeMovedKeys, encodeMovedKeys } from './sealed/moved-keys.ts'
export type { MovedGroupKey, MovedKeys } from './sealed/moved-keys.ts'
export { leastPassphraseBytes, openWithPassphrase, sealWithPassphrase } from './sealed/passphrase-box.ts'
export { SealBrokenError, UnknownMasterKeyError, WrongPassphraseError } from './sealed/seal-errors.ts'
