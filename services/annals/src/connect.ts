import { existsSync } from 'node:fs'
import { addressText, gatewayAddress } from '@annals/gateway'
import type { Cli } from './cli.ts'
import { NodeUnreachableError } from './cli-errors.ts'
import { AnnalsClient } from './client.ts'

/** Where the node is that the options name. @throws InvalidAddressError */
export function nodeAddress(cli: Cli): string {
  return addressText(gatewayAddress(cli.config.grpcAddress, cli.config.dataFolder))
}

/**
 * A client of the node that the options name; the connection is made at the first call.
 * @throws InvalidAddressError, NodeUnreachableError if there is no such socket
 */
export function connect(cli: Cli): AnnalsClient {
  const address = nodeAddress(cli)
  if (address.startsWith('unix:') && !existsSync(address.slice('unix:'.length))) throw new NodeUnreachableError(address)
  const token = cli.config.grpcToken
  return new AnnalsClient({ address, ...(token !== '' && { token }) })
}
