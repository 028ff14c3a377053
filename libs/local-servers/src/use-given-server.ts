import { ServerNotOursError } from './errors.ts'
import type { LocalServer, StartOptions } from './local-server.ts'
import type { ServerKind } from './server-program.ts'

/**
 * A server that somebody else runs.
 * @throws ServerNotOursError where its folder, port or configuration was to be chosen
 */
export function useGivenServer(
  kind: ServerKind,
  address: string,
  { folder, port, configuration = '' }: StartOptions & { readonly configuration?: string },
): LocalServer {
  if (folder !== undefined || port !== undefined || configuration !== '')
    throw new ServerNotOursError(address, 'choose folder, port or configuration of')
  const refuse = async (operation: string): Promise<never> => {
    throw new ServerNotOursError(address, operation)
  }
  return {
    url: address,
    origin: `the ${kind.name} server at ${withoutPassword(address)}, whose address was given`,
    folder: '',
    kill: () => refuse('kill'),
    stop: () => refuse('stop'),
    start: () => refuse('start'),
    [Symbol.asyncDispose]: async () => {},
  }
}

/** Addresses may hold a name and a password, which do not belong into a line of state. */
function withoutPassword(address: string): string {
  return address.replace(/\/\/[^/]*@/, '//')
}
