import { InvalidNatsOptionError } from './errors.ts'

export interface NatsServers {
  /** `host:port`, without what is secret. */
  readonly addresses: readonly string[]
  readonly user?: string
  readonly password?: string
  readonly token?: string
  readonly tls: boolean
}

const defaultPort = '4222'

/**
 * Reads addresses such as `nats://user:password@one:4222,nats://two`. The client takes one set of credentials for all
 * servers, so those of the first address that has any serve for all.
 * @throws InvalidNatsOptionError
 */
export function parseServers(servers: string): NatsServers {
  const urls = servers
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => parseAddress(text))
  if (urls.length === 0) throw new InvalidNatsOptionError('servers', 'no address is given; expected nats://host:4222')
  const credentials = new Set(urls.map(({ username, password }) => `${username}:${password}`).filter((c) => c !== ':'))
  if (credentials.size > 1) {
    throw new InvalidNatsOptionError('servers', 'the addresses hold different credentials; give the same to all')
  }
  const { username = '', password = '' } = urls.find((url) => url.username !== '') ?? {}
  const user = decodeURIComponent(username)
  return {
    addresses: urls.map(({ hostname, port }) => `${hostname}:${port === '' ? defaultPort : port}`),
    tls: urls.some(({ protocol }) => protocol === 'tls:'),
    // A name without a password is a token, as with other NATS clients.
    ...(user === '' ? {} : password === '' ? { token: user } : { user, password: decodeURIComponent(password) }),
  }
}

function parseAddress(text: string): URL {
  const url = URL.parse(/^[a-z]+:\/\//.test(text) ? text : `nats://${text}`)
  if (url === null || !['nats:', 'tls:'].includes(url.protocol) || url.hostname === '') {
    // What stands before the @ is secret.
    const shown = text.replace(/^(.*\/\/)?.*@/, '$1…@')
    throw new InvalidNatsOptionError('servers', `${JSON.stringify(shown)} is no address; expected nats://host:4222`)
  }
  return url
}
