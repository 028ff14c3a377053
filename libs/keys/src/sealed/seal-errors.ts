import type { SealedWhat } from './seal.ts'

/** A secret is encrypted under a master key that is not in the file. */
export class UnknownMasterKeyError extends Error {
  override readonly name = 'UnknownMasterKeyError'
  readonly kind: string
  readonly id: string
  readonly masterKeyId: string
  readonly path: string

  constructor({ kind, id }: SealedWhat, masterKeyId: string, path: string) {
    super(
      `the ${kind} of ${id} is encrypted under master key ${masterKeyId}, which is not in ${path}: ` +
        'add it there as a further line, or restore the file that belongs to this store',
    )
    this.kind = kind
    this.id = id
    this.masterKeyId = masterKeyId
    this.path = path
  }
}

/** A secret was changed or moved in the store, or damaged. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError'
  readonly kind: string
  readonly id: string

  constructor({ kind, id }: SealedWhat, options?: ErrorOptions) {
    super(
      `the ${kind} of ${id} in the store is not what was put there: restore it from a backup, or import it again`,
      options,
    )
    this.kind = kind
    this.id = id
  }
}

/** What was encrypted under a passphrase does not open with this one: it is another, or the bytes were changed. */
export class WrongPassphraseError extends Error {
  override readonly name = 'WrongPassphraseError'
  /** What the encrypted bytes are about, such as a community's id. */
  readonly about: string

  constructor(about: string, options?: ErrorOptions) {
    super(`the keys of ${about} do not open with this passphrase, or were changed on the way`, options)
    this.about = about
  }
}
