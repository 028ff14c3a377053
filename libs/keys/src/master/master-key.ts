import { hkdfSync } from 'node:crypto'
import { Secret } from '@annals/crypto'

export const masterKeyBytes = 32
const idBytes = 8

/** A key that other keys are encrypted under. */
export interface MasterKey {
  /** 16 hex digits that say which it is and nothing of what it is. */
  readonly id: string
  readonly secret: Secret
}

export function masterKeyOf(bytes: Uint8Array): MasterKey {
  const id = Buffer.from(hkdfSync('sha256', bytes, '', 'annals master key id v1', idBytes)).toString('hex')
  return { id, secret: new Secret(bytes) }
}
