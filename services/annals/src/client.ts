import type { CallOptions } from '@grpc/grpc-js'
import { Client, Metadata, credentials } from '@grpc/grpc-js'
import { AnnalsServiceService } from '@annals/proto/api/v1'

type Service = typeof AnnalsServiceService
type NamesOf<RequestStream extends boolean, ResponseStream extends boolean> = {
  [M in keyof Service]: Service[M] extends { requestStream: RequestStream; responseStream: ResponseStream } ? M : never
}[keyof Service]

export type UnaryMethod = NamesOf<false, false>
export type ServerStreamMethod = NamesOf<false, true>
export type DuplexMethod = NamesOf<true, true>
export type RequestOf<M extends keyof Service> = Parameters<Service[M]['requestSerialize']>[0]
export type ResponseOf<M extends keyof Service> = ReturnType<Service[M]['responseDeserialize']>

/** A call that is answered once takes no longer than this. */
const unaryDeadlineMilliseconds = 30_000
/** An import's requests carry up to 16 MiB of messages. */
const maxMessageBytes = 32 * 1024 * 1024

export interface ClientOptions {
  /** `unix:PATH` or `host:port`. */
  readonly address: string
  readonly token?: string | undefined
}

/** A running node's interface, typed by the protocol files. Errors are grpc-js's `ServiceError`. */
export class AnnalsClient implements Disposable {
  readonly #client: Client
  readonly #metadata = new Metadata()

  constructor({ address, token }: ClientOptions) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
    })
    if (token !== undefined) this.#metadata.set('authorization', `Bearer ${token}`)
  }

  call<M extends UnaryMethod>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    const { path, requestSerialize, responseDeserialize } = this.#method(method)
    const options: CallOptions = { deadline: Date.now() + unaryDeadlineMilliseconds }
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        this.#metadata,
        options,
        (error, response) => {
          if (error !== null) reject(error)
          else resolve(response as ResponseOf<M>)
        },
      )
    })
  }

  /** The answers as they come. Leaving the loop, or the signal, ends the call. */
  async *stream<M extends ServerStreamMethod>(
    method: M,
    request: RequestOf<M>,
    signal?: AbortSignal,
  ): AsyncIterable<ResponseOf<M>> {
    const { path, requestSerialize, responseDeserialize } = this.#method(method)
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      this.#metadata,
    )
    const cancel = (): void => call.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      for await (const response of call) yield response as ResponseOf<M>
    } catch (error) {
      if (signal?.aborted !== true) throw error
    } finally {
      signal?.removeEventListener('abort', cancel)
      call.cancel()
    }
  }

  /** Sends requests, as fast as the node takes them, and yields its answers. */
  async *exchange<M extends DuplexMethod>(
    method: M,
    requests: Iterable<RequestOf<M>> | AsyncIterable<RequestOf<M>>,
  ): AsyncIterable<ResponseOf<M>> {
    const { path, requestSerialize, responseDeserialize } = this.#method(method)
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, this.#metadata)
    const sending = send(call, requests)
    try {
      for await (const response of call) yield response as ResponseOf<M>
      await sending
    } finally {
      call.cancel()
      await sending.catch(() => undefined)
    }
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }

  #method(name: keyof Service) {
    const { path, requestSerialize, responseDeserialize } = AnnalsServiceService[name]
    return {
      path,
      requestSerialize: requestSerialize as (value: unknown) => Buffer,
      responseDeserialize: responseDeserialize as (bytes: Buffer) => unknown,
    }
  }
}

async function send(call: NodeJS.WritableStream, requests: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const request of requests) {
      if (!call.writable) return
      if (!call.write(request as never))
        await new Promise<void>((resolve) => {
          const go = (): void => {
            call.off('drain', go).off('close', go).off('error', go)
            resolve()
          }
          call.once('drain', go).once('close', go).once('error', go)
        })
    }
  } finally {
    call.end()
  }
}
