import { createHash, timingSafeEqual } from 'node:crypto'
import type { Logger } from 'pino'
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js'
import { ServerInterceptingCall, ServerListenerBuilder } from '@grpc/grpc-js'
import { UnauthenticatedError } from '../gateway-errors.ts'
import { mapError } from './map-error.ts'

/**
 * Probes of a host's own tools bring no token, and health says nothing about anybody's messages. Owners' signers have other
 * proofs, and are not to have the token, which opens everything.
 */
const openPaths = /^\/(grpc\.health\.v1\.Health|annals\.signer\.v1\.SignerService)\//

/** Lets only calls through that bring the token, before anything of their messages is looked at. */
export function authorize(token: string, log: Logger): ServerInterceptor {
  return (method, call) => {
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        if (openPaths.test(method.path) || bringsToken(metadata, token)) next(metadata)
        else call.sendStatus(mapError(new UnauthenticatedError(), log))
      })
      .build()
    return new ServerInterceptingCall(call, { start: (next) => next(listener) })
  }
}

function bringsToken(metadata: Metadata, token: string): boolean {
  const [value] = metadata.get('authorization')
  const brought = typeof value === 'string' ? (/^Bearer +(\S+)$/i.exec(value)?.[1] ?? '') : ''
  // Hashes have one length, so the comparison takes one time, whatever was brought.
  return timingSafeEqual(sha256(brought), sha256(token))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
