import { randomBytes } from 'node:crypto'
import { startNats, type LocalServer } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { openNatsBus } from '@annals/events/nats'
import type { EventBus } from '@annals/events'
import { connectNats, type NatsLink } from '@annals/nats'
import { settings } from '@annals/service'
import type { TestContext } from 'vitest'
import { declareStreams } from '../nats/declare-streams.ts'
import { natsConfiguration, natsSettingsFor } from '../nats/nats-configuration.ts'
import { parties, type Party } from '../needs.ts'

export const passwords = Object.fromEntries(
  parties.map((party) => [party, randomBytes(12).toString('base64')]),
) as Record<Party, string>

/** A party at work with its own user. */
export interface OpenParty {
  readonly link: NatsLink
  readonly bus: EventBus
}

/** A server with the accounts, its streams made by `setup`, for the tests of one file. */
export class Accounts implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack()
  readonly #opened = new Map<Party, Promise<OpenParty>>()
  #server: Promise<LocalServer> | undefined

  /** Starts the server at the first call. */
  server(test: TestContext): Promise<LocalServer> {
    return startOrSkip(test, () => (this.#server ??= this.#start()))
  }

  /** A party as it is at work; the same one for all tests. */
  async open(test: TestContext, party: Party): Promise<OpenParty> {
    const { url } = await this.server(test)
    const opened = this.#opened.get(party) ?? this.#open(url, party)
    this.#opened.set(party, opened)
    return opened
  }

  async #start(): Promise<LocalServer> {
    const server = this.#stack.use(await startNats({ configuration: natsConfiguration(passwords) }))
    await using link = await connectAs('setup', server.url)
    await declareStreams({ link, namespace: 'annals', replicas: 1, log: console })
    return server
  }

  async #open(url: string, party: Party): Promise<OpenParty> {
    const link = this.#stack.use(await connectAs(party, url))
    const bus = this.#stack.use(await openNatsBus({ link, namespace: 'annals', replicas: 1, ackWaitSeconds: 1 }))
    return { link, bus }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync()
  }
}

/** A connection as a party's user, with another prefix of inboxes than its own where one is given. */
export async function connectAs(
  party: Party,
  url: string,
  { prefix, namespace = 'annals' }: { readonly prefix?: string; readonly namespace?: string } = {},
): Promise<NatsLink> {
  const environment = natsSettingsFor(party, url, passwords[party], namespace)
  return connectNats({
    servers: environment[settings.natsUrl.variable] ?? '',
    inboxPrefix: prefix ?? environment[settings.natsInboxPrefix.variable] ?? '',
    name: party,
  })
}
