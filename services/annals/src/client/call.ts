import type { CallOptions, ClientReadableStream, ClientUnaryCall, ServiceError } from '@grpc/grpc-js'
import { Metadata, status } from '@grpc/grpc-js'
import { readFailure } from './read-failure.ts'
import type { NodeClient } from './connect.ts'

type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall

type StreamMethod<Request, Response> = (
  request: Request,
  options?: Partial<CallOptions>,
) => ClientReadableStream<Response>

const usualDeadlineSeconds = 30

/** Calls a method with one answer. @throws NodeUnreachableError, NodeError */
export function call<Request, Response>(
  client: NodeClient,
  method: UnaryMethod<Request, Response>,
  request: Request,
  deadlineSeconds = usualDeadlineSeconds,
): Promise<Response> {
  const deadline = Date.now() + deadlineSeconds * 1000
  return new Promise((resolve, reject) => {
    method.call(client.api, request, new Metadata(), { deadline }, (error, response) => {
      if (error === null) resolve(response)
      else reject(readFailure(error, client.address))
    })
  })
}

/** Calls a method with many answers; ends without an error when the signal aborts. @throws NodeUnreachableError, NodeError */
export async function* stream<Request, Response>(
  client: NodeClient,
  method: StreamMethod<Request, Response>,
  request: Request,
  signal: AbortSignal,
): AsyncIterable<Response> {
  const running = method.call(client.api, request)
  const cancel = (): void => running.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    for await (const response of running) yield response as Response
  } catch (error) {
    if (signal.aborted && (error as ServiceError).code === status.CANCELLED) return
    throw readFailure(error as ServiceError, client.address)
  } finally {
    signal.removeEventListener('abort', cancel)
    running.cancel()
  }
}
