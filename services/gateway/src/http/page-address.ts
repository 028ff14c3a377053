import type { AnnalsConfig } from '@annals/service'
import type { HttpAddress } from './listen-address.ts'
import { keptPort, servesHttp, urlOf } from './listen-address.ts'
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
  const { host = '127.0.0.1' } = config.http ?? {}
  return `${config.publicUrl || reachedUrl({ host, port })}/#token=${encodeURIComponent(token)}`
}

/** Where a gateway with these settings serves HTTP, or did last; absent where it does not, or nobody knows its port. */
export async function httpPlace(
  config: Pick<AnnalsConfig, 'http' | 'natsUrl' | 'dataFolder'>,
): Promise<HttpAddress | undefined> {
  if (!servesHttp(config)) return undefined
  const { host, port } = config.http ?? { host: '127.0.0.1', port: 0 }
  if (port !== 0) return { host, port }
  const kept = config.natsUrl === '' ? await keptPort(config.dataFolder) : undefined
  return kept === undefined ? undefined : { host, port: kept }
}

/** As this machine reaches it: what listens on all addresses is found by its own. */
export function reachedUrl({ host, port }: HttpAddress): string {
  return urlOf({ host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port })
}
