import { once } from 'node:events'
import type {
  ServerDuplexStream,
  ServerWritableStream,
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
} from '@grpc/grpc-js'
import { StoppingError } from '../gateway-errors.ts'
import type { Caller } from '../http/caller.ts'
import type { Ending } from './ending.ts'
import { beginEnding, unlessEnded, withinDeadline } from './ending.ts'
import type { GatewayContext } from './gateway-context.ts'
import { mapError } from './map-error.ts'

/** What a handler gets besides the request: what it works with, and a signal that aborts when nobody waits any more. */
export interface CallContext extends GatewayContext {
  readonly signal: AbortSignal
  /** Where the caller is, as gRPC says it: `127.0.0.1:1234`, or `unknown` on a socket. */
  readonly peer: string
  /** Who calls over HTTP; absent over gRPC, where whoever may call may do everything. */
  readonly caller?: Caller
}

type Handle<Request, Answer> = (context: CallContext, request: Request) => Answer

/** A call with one answer. */
export function unary<Request, Response>(
  context: GatewayContext,
  handle: Handle<Request, Promise<Response>>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const ending = endingOf(context, call)
    const hasDeadline = Number.isFinite(Number(call.getDeadline()))
    const handled = (): Promise<Response> =>
      handle({ ...context, signal: ending.signal, peer: call.getPeer() }, call.request)
    const work = async (): Promise<void> => {
      try {
        callback(null, await (hasDeadline ? unlessEnded(ending, handled) : withinDeadline(ending, context, handled)))
      } catch (error) {
        callback(mapError(error, context.log))
      }
    }
    void work()
  }
}

/** A call that is answered by as many messages as there are, no faster than the client takes them. */
export function serverStream<Request, Response>(
  context: GatewayContext,
  handle: Handle<Request, AsyncIterable<Response>>,
): handleServerStreamingCall<Request, Response> {
  return (call) => answer(context, call, (inner) => handle(inner, call.request))
}

/** A call of which every request is answered, in order; the next one is read when the answer is taken. */
export function duplex<Request, Response>(
  context: GatewayContext,
  handle: Handle<AsyncIterable<Request>, AsyncIterable<Response>>,
): handleBidiStreamingCall<Request, Response> {
  return (call) =>
    answer(context, call, (inner) =>
      // Ending the loop over the requests must not destroy the call: its status is still to be sent.
      handle(inner, {
        [Symbol.asyncIterator]: () => call.iterator({ destroyOnReturn: false }) as AsyncIterator<Request>,
      }),
    )
}

function answer<Request, Response>(
  context: GatewayContext,
  call: ServerWritableStream<Request, Response> | ServerDuplexStream<Request, Response>,
  handle: (inner: CallContext) => AsyncIterable<Response>,
): void {
  const ending = endingOf(context, call)
  const work = async (): Promise<void> => {
    for await (const response of handle({ ...context, signal: ending.signal, peer: call.getPeer() })) {
      if (!call.write(response)) await once(call, 'drain', { signal: ending.signal })
      ending.signal.throwIfAborted()
    }
  }
  unlessEnded(ending, work)
    .then(() => call.end())
    .catch((error: unknown) => {
      if (!call.cancelled)
        call.emit('error', mapError(ending.signal.aborted ? ending.signal.reason : error, context.log))
    })
}

/** Ends as well when the caller goes away. */
function endingOf({ stopping }: GatewayContext, call: NodeJS.EventEmitter): Ending {
  const ending = beginEnding(stopping)
  call.once('cancelled', () => ending.end(new StoppingError()))
  call.once('close', () => ending[Symbol.dispose]())
  return ending
}
