import type { AttachRequest, AttachResponse, SignerServiceServer } from '@annals/proto/signer/v1'
import type { ServerDuplexStream } from '@grpc/grpc-js'
import type { SignerHub } from '@annals/keys/remote'
import { AttachProtocolError, attachSigner } from '@annals/keys/remote'
import { StoppingError } from '../gateway-errors.ts'
import type { GatewayContext } from './gateway-context.ts'
import { mapError } from './map-error.ts'

/** Whoever calls says within this who it is. */
const handshakeMilliseconds = 15_000

/** Owners' signers call this; they show who they are by themselves, and bring no token of the gateway. */
export function signerService(context: GatewayContext, hub: SignerHub): Pick<SignerServiceServer, 'attach'> {
  return { attach: (call) => void serve(context, hub, call) }
}

async function serve(
  context: GatewayContext,
  hub: SignerHub,
  call: ServerDuplexStream<AttachRequest, AttachResponse>,
): Promise<void> {
  const ended = Promise.withResolvers<never>()
  const end = (error: Error): void => ended.reject(error)
  // Nobody may be waiting for it any more.
  ended.promise.catch(() => undefined)
  const stop = (): void => end(new StoppingError())
  context.stopping.addEventListener('abort', stop, { once: true })
  if (context.stopping.aborted) stop()
  call.once('cancelled', stop)
  const limit = setTimeout(() => end(new AttachProtocolError('did not say who it is in time')), handshakeMilliseconds)
  const send = (response: AttachResponse): void => {
    if (response.attached !== undefined) clearTimeout(limit)
    call.write(response)
  }
  // Ending the loop over the requests must not destroy the call: its status is still to be sent.
  const requests = {
    [Symbol.asyncIterator]: () => call.iterator({ destroyOnReturn: false }) as AsyncIterator<AttachRequest>,
  }
  try {
    await Promise.race([attachSigner(context.keys.communities, hub, { requests, send }), ended.promise])
    call.end()
  } catch (error) {
    if (!call.cancelled) call.emit('error', mapError(error, context.log))
  } finally {
    clearTimeout(limit)
    context.stopping.removeEventListener('abort', stop)
  }
}
