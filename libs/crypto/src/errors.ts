/** What all errors of this package are. */
export abstract class CryptoError extends Error {}

/** A text that is no hex. */
export class InvalidHexError extends CryptoError {
  override readonly name = 'InvalidHexError'
  readonly text: string

  constructor(text: string) {
    super(`"${text.slice(0, 80)}" is not an even number of hex digits`)
    this.text = text
  }
}

/** A text that is no community's id. */
export class InvalidCommunityIdError extends CryptoError {
  override readonly name = 'InvalidCommunityIdError'
  readonly text: string

  constructor(text: string, options?: ErrorOptions) {
    super(
      `"${text.slice(0, 80)}" is no community id: 0x and the 66 lower-case hex digits of a compressed public key`,
      options,
    )
    this.text = text
  }
}

/** Bytes that are no private key of secp256k1. The message shows nothing of them. */
export class InvalidPrivateKeyError extends CryptoError {
  override readonly name = 'InvalidPrivateKeyError'
  readonly lengthBytes: number

  constructor(lengthBytes: number, options?: ErrorOptions) {
    super(
      `a private key is a number below the order of secp256k1 in 32 bytes; ${lengthBytes} bytes were given`,
      options,
    )
    this.lengthBytes = lengthBytes
  }
}

/** Bytes that are no public key of secp256k1. */
export class InvalidPublicKeyError extends CryptoError {
  override readonly name = 'InvalidPublicKeyError'
  readonly lengthBytes: number

  constructor(lengthBytes: number, options?: ErrorOptions) {
    super(`a public key is a point of secp256k1 in 33 or 65 bytes; the ${lengthBytes} bytes given are none`, options)
    this.lengthBytes = lengthBytes
  }
}

/** Random bytes too few, or too many, to make a key of. */
export class WrongLengthError extends CryptoError {
  override readonly name = 'WrongLengthError'
  readonly what: string
  readonly expectedBytes: number
  readonly foundBytes: number

  constructor(what: string, expectedBytes: number, foundBytes: number) {
    super(`${what} must have ${expectedBytes} bytes, not ${foundBytes}`)
    this.what = what
    this.expectedBytes = expectedBytes
    this.foundBytes = foundBytes
  }
}

/** A signature that nobody can have made. */
export class InvalidSignatureError extends CryptoError {
  override readonly name = 'InvalidSignatureError'
  readonly problem: string

  constructor(problem: string, options?: ErrorOptions) {
    super(`the signature cannot be used: ${problem}`, options)
    this.problem = problem
  }
}

/** Bytes that are no message of the protocol. */
export class InvalidMessageBytesError extends CryptoError {
  override readonly name = 'InvalidMessageBytesError'
  readonly what: string

  constructor(what: string, problem: string, options?: ErrorOptions) {
    super(`no ${what}: ${problem}`, options)
    this.what = what
  }
}

/** A message of another type than the one looked for. On a channel that carries many, a reader ignores it. */
export class UnexpectedMessageTypeError extends CryptoError {
  override readonly name = 'UnexpectedMessageTypeError'
  readonly expected: number
  readonly found: number

  constructor(expected: number, found: number) {
    super(`a message of type ${found}, where type ${expected} was looked for`)
    this.expected = expected
    this.found = found
  }
}

/** A message that is encrypted for some. On a channel that carries many, a reader ignores it. */
export class EncryptedMessageError extends CryptoError {
  override readonly name = 'EncryptedMessageError'

  constructor() {
    super('the message is encrypted; only a public one can be read here')
  }
}

/** A clock that a message cannot carry. */
export class InvalidClockError extends CryptoError {
  override readonly name = 'InvalidClockError'
  readonly clockMilliseconds: number

  constructor(clockMilliseconds: number) {
    super(`a message's clock is whole milliseconds from 0 on, not ${clockMilliseconds}`)
    this.clockMilliseconds = clockMilliseconds
  }
}
