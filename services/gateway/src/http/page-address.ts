import type { AnnalsConfig } from '@annals/service'
import { keptPort, urlOf } from './listen-address.ts'
import { keptOperatorToken } from './operator-token.ts'

/**
 * Where the page of a node is that is at work in its data folder, with the operator's token behind the `#`, which no browser
 * sends anywhere. Absent where a node serves none by itself.
 */
export async function pageAddress(
  config: Pick<AnnalsConfig, 'http' | 'natsUrl' | 'dataFolder' | 'grpcToken' | 'publicUrl'>,
): Promise<string | undefined> {
  if (config.natsUrl !== '') return undefined
  const [token, port] = [await keptOperatorToken(config), await keptPort(config.dataFolder)]
  if (token === undefined || port === undefined) return undefined
  return `${config.publicUrl || urlOf({ host: browsedHost(config.http?.host), port })}/#token=${encodeURIComponent(token)}`
}

/** A browser of this machine finds what listens on all addresses by its own. */
function browsedHost(host = '127.0.0.1'): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
}
