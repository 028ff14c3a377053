import { CryptoError } from '../errors.ts'

/** Bytes that a key does not open: they are for another key, or were changed. */
export class UndecryptableError extends CryptoError {
  override readonly name = 'UndecryptableError'
  readonly what: string

  constructor(what: string, options?: ErrorOptions) {
    super(`the ${what} cannot be decrypted: it was made under another key, or was changed`, options)
    this.what = what
  }
}

/** A sequence number so far ahead that hashing up to it is what somebody wants us to do. */
export class SequenceNumberTooHighError extends CryptoError {
  override readonly name = 'SequenceNumberTooHighError'
  readonly seqNo: number
  /** The highest that the key was seen at. */
  readonly reachedSeqNo: number

  constructor(seqNo: number, reachedSeqNo: number, maxAhead: number) {
    super(`sequence number ${seqNo} is more than ${maxAhead} ahead of ${reachedSeqNo}, the highest seen of its key`)
    this.seqNo = seqNo
    this.reachedSeqNo = reachedSeqNo
  }
}

/** A sequence number that nothing can be encrypted under. */
export class InvalidSequenceNumberError extends CryptoError {
  override readonly name = 'InvalidSequenceNumberError'
  readonly seqNo: number

  constructor(seqNo: number) {
    super(`a sequence number is a whole number from 1 to 4,294,967,295, not ${seqNo}`)
    this.seqNo = seqNo
  }
}

/** A message that is not encrypted, or encrypted for single devices and not for a group. */
export class NotForGroupError extends CryptoError {
  override readonly name = 'NotForGroupError'
  readonly encrypted: boolean

  constructor(encrypted: boolean) {
    super(encrypted ? 'the message is encrypted, but not for a group' : 'the message is not encrypted')
    this.encrypted = encrypted
  }
}

/** What cannot be a group's key. The message shows nothing of the key. */
export class InvalidGroupKeyError extends CryptoError {
  override readonly name = 'InvalidGroupKeyError'
  readonly problem: string

  constructor(problem: string, options?: ErrorOptions) {
    super(`this is no key of a group: ${problem}`, options)
    this.problem = problem
  }
}

/** A look-up gave another key than the one it was asked for. */
export class GroupKeyMismatchError extends CryptoError {
  override readonly name = 'GroupKeyMismatchError'
  readonly wanted: string
  readonly found: string

  constructor(wanted: string, found: string) {
    super(`the key store was asked for group key ${wanted} and gave ${found}; its records are mixed up`)
    this.wanted = wanted
    this.found = found
  }
}

/** An installation id that readers of the network would take for something else. */
export class InvalidInstallationIdError extends CryptoError {
  override readonly name = 'InvalidInstallationIdError'
  readonly installationId: string

  constructor(installationId: string, problem: string) {
    super(`installation id "${installationId.slice(0, 80)}" cannot be used: ${problem}; make one anew`)
    this.installationId = installationId
  }
}
