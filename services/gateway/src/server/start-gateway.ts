import type { ServiceContext } from '@annals/service'
import { prepareManySignatures } from '@annals/crypto'
import { SignerHub } from '@annals/keys/remote'
import { AnnalsServiceService } from '@annals/proto/api/v1'
import { SignerServiceService } from '@annals/proto/signer/v1'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import packageJson from '../../package.json' with { type: 'json' }
import { AddressUnavailableError, TokenRequiredError } from '../gateway-errors.ts'
import type { HttpAddress } from '../http/listen-address.ts'
import { servesHttp, urlOf } from '../http/listen-address.ts'
import type { RunningHttp } from '../http/start-http.ts'
import { collectHealth } from '../health/collect-health.ts'
import { FetchedEnds } from '../health/fetched-ends.ts'
import { HealthBoard } from '../health/health-board.ts'
import { annalsService } from './annals-service.ts'
import type { GatewayAddress } from './address.ts'
import { addressText, gatewayAddress, isLocal } from './address.ts'
import { authorize } from './authorize.ts'
import { claimSocket, protectSocket } from './claim-socket.ts'
import type { GatewayContext } from './gateway-context.ts'
import { addReflection } from './reflection.ts'
import { signerService } from './signer-service.ts'

/** A request is no larger than this; clients split what they send. */
export const maxRequestBytes = 16 * 1024 * 1024
const drainMilliseconds = 5_000
const serviceName = 'annals.api.v1.AnnalsService'

/** A gateway that listens. Disposing it ends open streams, lets short calls finish and closes it. */
export interface RunningGateway extends AsyncDisposable {
  readonly address: GatewayAddress
  /** Where it serves HTTP; absent where it does not. */
  readonly http?: HttpAddress
}

/**
 * Starts the gateway where the settings say.
 * @throws TokenRequiredError, AddressUnavailableError, HttpAddressUnavailableError, InvalidAddressError
 */
export async function startGateway(
  context: ServiceContext,
  signal: AbortSignal,
  options: Pick<GatewayContext, 'defaultDeadlineSeconds' | 'httpLimits'> = {},
): Promise<RunningGateway> {
  const { grpcToken, grpcAddress, dataFolder } = context.config
  const wanted = gatewayAddress(grpcAddress, dataFolder)
  if (!isLocal(wanted) && grpcToken === '') throw new TokenRequiredError('ANNALS_GRPC', addressText(wanted))

  const stopping = new AbortController()
  const server = new Server({
    'grpc.max_receive_message_length': maxRequestBytes,
    'grpc.max_send_message_length': 64 * 1024 * 1024,
    'grpc.max_concurrent_streams': 200,
    // Who went away without a word, as an owner's signer may, is noticed.
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
    ...(grpcToken !== '' && { interceptors: [authorize(grpcToken, context.log)] }),
  })
  const served: { http?: RunningHttp } = {}
  const gatewayContext: GatewayContext = {
    ...context,
    ...options,
    version: packageJson.version,
    health: new HealthBoard(() => collectHealth(context)),
    fetchedEnds: new FetchedEnds(context.state),
    httpAddress: () => (served.http === undefined ? '' : urlOf(served.http.address)),
    prepareSigning: once(prepareManySignatures),
    startedAtMilliseconds: Date.now(),
    stopping: AbortSignal.any([signal, stopping.signal]),
  }
  server.addService(AnnalsServiceService, annalsService(gatewayContext))
  const hub = new SignerHub(context.state, context.log)
  server.addService(SignerServiceService, signerService(gatewayContext, hub))
  const health = new HealthImplementation({ '': 'SERVING', [serviceName]: 'SERVING' })
  health.addToServer(server)
  addReflection(server)

  if (servesHttp(context.config)) {
    // Loaded when it is needed: the command line, which knows this package, is to start quickly.
    const { startHttp } = await import('../http/start-http.ts')
    served.http = await startHttp(gatewayContext)
  }
  const { http } = served
  const address = await bindOrClose(server, wanted, http)
  context.log.info({ address: addressText(address) }, 'listening')
  return {
    address,
    ...(http && { http: http.address }),
    async [Symbol.asyncDispose]() {
      health.setStatus('', 'NOT_SERVING')
      health.setStatus(serviceName, 'NOT_SERVING')
      stopping.abort()
      await Promise.all([shutDown(server), http?.[Symbol.asyncDispose]()])
      await hub[Symbol.asyncDispose]()
    },
  }
}

/** @throws AddressUnavailableError; nothing listens then */
async function bindOrClose(server: Server, wanted: GatewayAddress, http?: AsyncDisposable): Promise<GatewayAddress> {
  try {
    return await bind(server, wanted)
  } catch (error) {
    await http?.[Symbol.asyncDispose]()
    throw error
  }
}

async function bind(server: Server, wanted: GatewayAddress): Promise<GatewayAddress> {
  if (wanted.kind === 'socket') await claimSocket(wanted)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(addressText(wanted), ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound)
      else reject(new AddressUnavailableError(addressText(wanted), { cause: error }))
    })
  })
  if (wanted.kind === 'tcp') return { ...wanted, port }
  await protectSocket(wanted.path)
  return wanted
}

/** Health watches and idle connections never end by themselves, so waiting has a limit. */
async function shutDown(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const limit = setTimeout(() => server.forceShutdown(), drainMilliseconds)
    server.tryShutdown(() => {
      clearTimeout(limit)
      resolve()
    })
  })
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
