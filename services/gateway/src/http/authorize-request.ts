import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { StateStore } from '@annals/storage'
import { UnauthenticatedError } from '../gateway-errors.ts'
import { findOwnerToken } from '../owner-token.ts'
import type { Caller } from './caller.ts'
import { isOwnCommunity } from './caller.ts'
import { ForbiddenError } from './http-errors.ts'
import type { RouteRule } from './route-rule.ts'

/** Who may do what, by the token that a request brings. */
export interface Authority {
  readonly operatorToken: string
  readonly state: StateStore
  /** Whether everybody may read of a community. */
  isPublic(communityId: string): Promise<boolean>
}

/** @throws UnauthenticatedError for a token that is not known */
export async function callerOf(
  { operatorToken, state }: Authority,
  authorization: string | undefined,
): Promise<Caller> {
  if (authorization === undefined) return { role: 'public' }
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
  // Hashes have one length, so the comparison takes one time, whatever was brought.
  if (timingSafeEqual(sha256(token), sha256(operatorToken))) return { role: 'operator' }
  const owner = await findOwnerToken(state, token)
  if (owner === undefined) throw new UnauthenticatedError()
  return { role: 'owner', communityIds: new Set(owner.communityIds) }
}

/** @throws UnauthenticatedError, ForbiddenError */
export async function checkAllowed(
  authority: Authority,
  { allows }: RouteRule,
  caller: Caller,
  request: FastifyRequest,
): Promise<void> {
  if (allows === 'anybody' || caller.role === 'operator') return
  const { communityId = '' } = request.params as { communityId?: string }
  const isOfCommunity = allows === 'owner' || allows === 'public'
  if (isOfCommunity && isOwnCommunity(caller, communityId)) return
  if (allows === 'public' && (await authority.isPublic(communityId))) return
  if (caller.role === 'public') throw new UnauthenticatedError()
  if (allows !== 'token') throw new ForbiddenError()
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
