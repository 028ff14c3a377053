import { once } from 'node:events'
import type {
  ServerDuplexStream,
  ServerWritableStream,
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
} from '@grpc/grpc-js'
import { DefaultDeadlineError, StoppingError } from '../gateway-errors.ts'
import type { Caller } from '../http/caller.ts'
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

/** For calls that set no deadline. Streams have none: they may follow for ever. */
const defaultDeadlineSeconds = 30

type Handle<Request, Answer> = (context: CallContext, request: Request) => Answer

/** A call with one answer. */
export function unary<Request, Response>(
  context: GatewayContext,
  handle: Handle<Request, Promise<Response>>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const seconds = context.defaultDeadlineSeconds ?? defaultDeadlineSeconds
    const ending = watch(context, call)
    const hasDeadline = Number.isFinite(Number(call.getDeadline()))
    const timer = hasDeadline
      ? undefined
      : setTimeout(() => ending.end(new DefaultDeadlineError(seconds)), seconds * 1000)
    const work = async (): Promise<void> => {
      try {
        callback(
          null,
          await Promise.race([
            handle({ ...context, signal: ending.signal, peer: call.getPeer() }, call.request),
            ending.ended,
          ]),
        )
      } catch (error) {
        callback(mapError(error, context.log))
      } finally {
        clearTimeout(timer)
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
  const ending = watch(context, call)
  const work = async (): Promise<void> => {
    for await (const response of handle({ ...context, signal: ending.signal, peer: call.getPeer() })) {
      if (!call.write(response)) await once(call, 'drain', { signal: ending.signal })
      ending.signal.throwIfAborted()
    }
  }
  Promise.race([work(), ending.ended])
    .then(() => call.end())
    .catch((error: unknown) => {
      if (!call.cancelled)
        call.emit('error', mapError(ending.signal.aborted ? ending.signal.reason : error, context.log))
    })
}

interface Ending {
  readonly signal: AbortSignal
  /** Rejects when the call ends before its work is done: the caller is gone, the node stops, the time is up. */
  readonly ended: Promise<never>
  end(reason: Error): void
}

function watch(context: GatewayContext, call: NodeJS.EventEmitter): Ending {
  const abort = new AbortController()
  const ended = Promise.withResolvers<never>()
  // Nobody may be waiting for it any more.
  ended.promise.catch(() => undefined)
  const end = (reason: Error): void => {
    abort.abort(reason)
    ended.reject(reason)
  }
  const stop = (): void => end(new StoppingError())
  if (context.stopping.aborted) stop()
  context.stopping.addEventListener('abort', stop, { once: true })
  call.once('cancelled', () => end(new StoppingError()))
  call.once('close', () => context.stopping.removeEventListener('abort', stop))
  return { signal: abort.signal, ended: ended.promise, end }
}
