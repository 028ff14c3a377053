import type { AnnalsServiceService } from '@annals/proto/api/v1'
import type { Interceptor } from '@grpc/grpc-js'
import type { AnnalsConfig } from '@annals/service'
import { existsSync } from 'node:fs'
import { addressText, checkSocketFolder, gatewayAddress } from '@annals/gateway'
import { AnnalsServiceClient } from '@annals/proto/api/v1'
import { InterceptingCall, credentials } from '@grpc/grpc-js'
import type { Cli } from '../cli.ts'
import { NodeUnreachableError } from '../cli-errors.ts'

/** The methods of the interface, to be handed to `call` and `stream`, which call them on the client. */
export type Api = { readonly [M in keyof AnnalsServiceService]: AnnalsServiceClient[M] }

/** A connection to a node. */
export interface NodeClient extends Disposable {
  readonly api: Api
  readonly address: string
}

/** Listings of large communities are larger than gRPC's 4 MiB. */
const maxResponseBytes = 256 * 1024 * 1024

/**
 * Connects to the node that the options name; the connection itself is made at the first call.
 * @throws InvalidAddressError, NodeUnreachableError if there is no such socket, AddressUnavailableError if it may be
 *   somebody else's
 */
export function connect(
  cli: Pick<Cli, 'address' | 'token'> & { readonly config: Pick<AnnalsConfig, 'dataFolder'> },
): NodeClient {
  const where = gatewayAddress(cli.address, cli.config.dataFolder)
  const address = addressText(where)
  if (where.kind === 'socket') {
    if (!existsSync(where.path)) throw new NodeUnreachableError(address)
    checkSocketFolder(where)
  }
  const api = new AnnalsServiceClient(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': maxResponseBytes,
    'grpc.enable_http_proxy': 0,
    interceptors: cli.token === '' ? [] : [withToken(cli.token)],
  })
  return { api, address, [Symbol.dispose]: () => api.close() }
}

function withToken(token: string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        metadata.set('authorization', `Bearer ${token}`)
        next(metadata, listener)
      },
    })
}
