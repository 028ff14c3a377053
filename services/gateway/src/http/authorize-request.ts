import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { UnauthenticatedError } from '../gateway-errors.ts'
import type { Caller } from './caller.ts'
import { isOwnCommunity } from './caller.ts'
import { ForbiddenError } from './http-errors.ts'
import type { RouteRule } from './route-rule.ts'

/** Who may do what, by the token that a request brings. */
export interface Authority {
  readonly operatorToken: string
}

/** @throws UnauthenticatedError for a token that is not known */
export async function callerOf({ operatorToken }: Authority, authorization: string | undefined): Promise<Caller> {
  if (authorization === undefined) return { role: 'public' }
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''
  // Hashes have one length, so the comparison takes one time, whatever was brought.
  if (timingSafeEqual(sha256(token), sha256(operatorToken))) return { role: 'operator' }
  throw new UnauthenticatedError()
}

/** @throws UnauthenticatedError, ForbiddenError */
export function checkAllowed({ allows }: RouteRule, caller: Caller, request: FastifyRequest): void {
  if (allows === 'anybody' || caller.role === 'operator') return
  if (caller.role === 'public') throw new UnauthenticatedError()
  if (allows === 'token') return
  const { communityId = '' } = request.params as { communityId?: string }
  if (allows === 'owner' && isOwnCommunity(caller, communityId)) return
  throw new ForbiddenError()
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
