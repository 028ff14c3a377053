import type { RunningNode, ServiceContext } from '@annals/service'
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js'
import type { AnnalsServiceService } from '@annals/proto/api/v1'
import type { GatewayAddress } from '../server/address.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AnnalsServiceClient } from '@annals/proto/api/v1'
import { BadRequest, ErrorInfo } from '@annals/proto/google/rpc/error_details'
import { Status as RpcStatus } from '@annals/proto/google/rpc/status'
import { readEnv, startNode } from '@annals/service'
import { Metadata, credentials } from '@grpc/grpc-js'
import { pino } from 'pino'
import type { GatewayContext } from '../server/gateway-context.ts'
import { addressText } from '../server/address.ts'
import type { RunningGateway } from '../server/start-gateway.ts'
import { startGateway } from '../server/start-gateway.ts'

/** A gateway over the embedded engines in a temporary folder, and nothing else at work. */
export interface TestGateway extends AsyncDisposable {
  readonly context: ServiceContext
  readonly address: GatewayAddress
  readonly http: RunningGateway['http']
  readonly client: AnnalsServiceClient
  /** Stops the gateway alone. */
  stop(): Promise<void>
}

export interface TestOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly defaultDeadlineSeconds?: number
  readonly httpLimits?: GatewayContext['httpLimits']
  /** Changes what the handlers work with. */
  readonly override?: (context: ServiceContext) => Partial<ServiceContext>
}

export async function startTestGateway({ env = {}, override, ...options }: TestOptions = {}): Promise<TestGateway> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'annals-gw-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const config = readEnv({
    ANNALS_DATA: join(folder, 'data'),
    ANNALS_CHANNEL: join(folder, 'channel'),
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
    ANNALS_TRACKERS: '',
    ...env,
  })
  const node: RunningNode = stack.use(
    await startNode([], { torrents: true, keys: true, config, log: pino({ level: 'silent' }) }),
  )
  const context = { ...node.context, ...override?.(node.context) }
  const gateway = await startGateway(context, new AbortController().signal, options)
  const stopped = { done: false }
  const stop = async (): Promise<void> => {
    if (stopped.done) return
    stopped.done = true
    await gateway[Symbol.asyncDispose]()
  }
  stack.defer(stop)
  const client = new AnnalsServiceClient(addressText(gateway.address), credentials.createInsecure())
  stack.defer(() => client.close())
  const owned = stack.move()
  return {
    context,
    address: gateway.address,
    http: gateway.http,
    client,
    stop,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type UnaryMethod = {
  [M in keyof AnnalsServiceService]: AnnalsServiceService[M] extends { requestStream: false; responseStream: false }
    ? M
    : never
}[keyof AnnalsServiceService]
type RequestOf<M extends UnaryMethod> = Parameters<AnnalsServiceService[M]['requestSerialize']>[0]
type ResponseOf<M extends UnaryMethod> = ReturnType<AnnalsServiceService[M]['responseDeserialize']>
type Callback<Response> = (error: ServiceError | null, response: Response) => void

/** Calls a method of the client by its name. */
export function ask<M extends UnaryMethod>(
  client: AnnalsServiceClient,
  method: M,
  request: RequestOf<M>,
  metadata = new Metadata(),
): Promise<ResponseOf<M>> {
  const call = client[method] as unknown as (
    request: RequestOf<M>,
    metadata: Metadata,
    callback: Callback<ResponseOf<M>>,
  ) => unknown
  return new Promise((resolve, reject) => {
    call.call(client, request, metadata, (error, response) => {
      if (error === null) resolve(response)
      else reject(error)
    })
  })
}

/** Sends requests one by one, each after the answer to the one before, then ends the call. */
export async function converse<Request, Response>(
  call: ClientDuplexStream<Request, Response>,
  requests: readonly Request[],
): Promise<Response[]> {
  const responses: Response[] = []
  const answers = call[Symbol.asyncIterator]() as AsyncIterator<Response>
  for (const request of requests) {
    call.write(request)
    const answer = await answers.next()
    if (answer.done === true) break
    responses.push(answer.value)
  }
  call.end()
  await answers.next()
  return responses
}

export interface Failure {
  readonly code: number
  readonly reason: string | undefined
  readonly metadata: Readonly<Record<string, string>> | undefined
  readonly fields: readonly string[]
  readonly message: string
}

/** What a call failed with. @throws if it did not fail */
export async function failure(call: Promise<unknown>): Promise<Failure> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason as ServiceError,
  )
  if (error === undefined) throw new Error('the call did not fail')
  const [packed] = error.metadata?.get('grpc-status-details-bin') ?? []
  const details = Buffer.isBuffer(packed) ? RpcStatus.decode(packed).details : []
  const find = (type: string): Buffer | undefined => details.find(({ typeUrl }) => typeUrl.endsWith(type))?.value
  const info = find('ErrorInfo')
  const bad = find('BadRequest')
  return {
    code: error.code,
    reason: info && ErrorInfo.decode(info).reason,
    metadata: info && ErrorInfo.decode(info).metadata,
    fields: bad === undefined ? [] : BadRequest.decode(bad).fieldViolations.map(({ field }) => field),
    message: error.details,
  }
}
