import { settings } from '@annals/service'
import type { Party } from '../needs.ts'
import { formatAccount, quote } from './format-account.ts'
import { inboxPrefix, installation, userName } from './installation.ts'

export interface ConfigurationOptions {
  /** The installations that share the server, each with users of its own; `annals` where absent. */
  readonly namespaces?: readonly string[]
  /** The channel that they share, as in `ANNALS_CHANNEL=nats:NAME`; each has its own where absent. */
  readonly channel?: string
  /** A user without limits, for tests that look at everything. */
  readonly administrator?: { readonly user: string; readonly password: string }
  /** How many seeders may run, and how many fetchers; 10 where absent. */
  readonly instances?: number
}

/** The accounts of a nats-server as lines of its configuration, with passwords: for tests, and for a server on one machine. */
export function natsConfiguration(
  passwords: Readonly<Record<Party, string>>,
  { namespaces = ['annals'], administrator, ...rest }: ConfigurationOptions = {},
): string {
  const installations = namespaces.map((namespace) => installation(namespace, rest))
  const account = formatAccount({ installations, passwordOf: (party) => quote(passwords[party]), administrator })
  return `accounts {\n${account}}\n`
}

/** Addresses of NATS servers, with commas between them, with the name and password of a party's user in each. */
export function natsUrlFor(party: Party, urls: string, password: string, namespace = 'annals'): string {
  return urls
    .split(',')
    .map((text) => {
      const url = new URL(text.trim())
      url.username = userName(party, namespace)
      url.password = encodeURIComponent(password)
      return url.href
    })
    .join(',')
}

/** The settings with which a process is a party's user, as environment variables. */
export function natsSettingsFor(
  party: Party,
  urls: string,
  password: string,
  namespace = 'annals',
): Record<string, string> {
  return {
    [settings.natsUrl.variable]: natsUrlFor(party, urls, password, namespace),
    [settings.natsInboxPrefix.variable]: inboxPrefix(party, namespace),
  }
}
