import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { OwnerToken, StateStore } from '@annals/storage'
import { ownerTokens } from '@annals/storage'

/** The row's id, a point, and what is secret. */
const tokenForm = /^([0-9a-f]{16})\.([A-Za-z0-9_-]{43})$/

/** A new token. Only its hash is kept: it is random enough that nobody finds what it was made of. */
export function makeOwnerToken(): { readonly tokenId: string; readonly secret: string; readonly hash: string } {
  const tokenId = randomBytes(8).toString('hex')
  const secret = `${tokenId}.${randomBytes(32).toString('base64url')}`
  return { tokenId, secret, hash: hashOf(secret).toString('hex') }
}

/** What a token opens; `undefined` where it is none, or was revoked. */
export async function findOwnerToken(state: StateStore, secret: string): Promise<OwnerToken | undefined> {
  const tokenId = tokenForm.exec(secret)?.[1]
  if (tokenId === undefined) return undefined
  const token = (await state.collection(ownerTokens).get(tokenId))?.value
  if (token === undefined) return undefined
  return timingSafeEqual(hashOf(secret), Buffer.from(token.hash, 'hex')) ? token : undefined
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
