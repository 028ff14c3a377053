import { channelStream } from '@annals/channels/nats'
import type { Party } from '@annals/deploy'
import { needsOf } from '@annals/deploy'
import type { ConsumerState } from '@annals/events/nats'
import { busStreams, listConsumers } from '@annals/events/nats'
import type { NatsLink, StreamDeclaration, StreamInfo } from '@annals/nats'
import { checkJetStream, connectNats, isPassing, patiently, streamInfo } from '@annals/nats'
import type { AnnalsConfig, ConfigError } from '@annals/service'
import { inspectEnv, settings } from '@annals/service'
import type { MongoLink } from '@annals/storage/mongo'
import { connectMongo } from '@annals/storage/mongo'
import { NotCheckedError } from './check.ts'
import { Shared } from './shared.ts'

export interface DoctorOptions {
  /** Settings as environment variables; they may be wrong. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Only what this one needs; everything where absent. */
  readonly service?: Party
  /** Where the monitoring page of the NATS server is: `http://host:8222`. */
  readonly natsMonitor?: string
  /** This machine's clock, Unix milliseconds. */
  readonly now?: () => number
}

/** A server that is not there is to be told of soon. */
const connectSeconds = 5
const jetStreamSeconds = 2
const mongoTimeouts = { selectionMilliseconds: connectSeconds * 1000, socketMilliseconds: 8_000 }

/** A stream that is to be, and what there is of it. */
export interface FoundStream {
  readonly declaration: StreamDeclaration
  readonly info: StreamInfo | undefined
  /** Why the server cannot say, as when the servers that hold it are away. */
  readonly unavailable?: string
}

/** What the checks look at. Connections are made when somebody needs one, once for all checks. */
export class DoctorContext implements AsyncDisposable {
  /** A setting that is wrong has its default here. */
  readonly config: AnnalsConfig
  readonly settingsProblems: ConfigError['problems']
  /** Which set the settings choose, also where they are wrong otherwise. */
  readonly engines: 'embedded' | 'cluster'
  readonly service: Party | undefined
  readonly natsMonitor: string | undefined
  readonly now: () => number
  readonly #connections = new AsyncDisposableStack()
  /** For who is to tell of them; everybody else asks the methods. */
  readonly natsLink = new Shared(() => this.#connectNats())
  readonly mongoLink = new Shared(() => this.#connectMongo())
  /** For who is to tell of it. */
  readonly jetStreamLink = new Shared(async () => {
    const link = await this.nats()
    // A server that starts has it a moment later.
    await patiently({ link, seconds: jetStreamSeconds }, () => checkJetStream(link))
    return link
  })
  readonly #streams = new Shared(() => this.#lookAtStreams())
  readonly #consumers = new Shared(async () => listConsumers(await this.jetStream(), this.config.namespace))

  constructor({ env, service, natsMonitor, now = Date.now }: DoctorOptions) {
    const { config, problems } = inspectEnv(env)
    this.config = config
    this.settingsProblems = problems
    const isGiven = ({ variable }: { readonly variable: string }): boolean => (env[variable] ?? '') !== ''
    this.engines = isGiven(settings.natsUrl) || isGiven(settings.mongodbUri) ? 'cluster' : 'embedded'
    this.service = service
    this.natsMonitor = natsMonitor
    this.now = now
  }

  /** Whether what is looked at is needed: where a service is named, by that one. */
  reaches(what: 'nats' | 'mongodb' | 'bittorrent'): boolean {
    if (what !== 'bittorrent' && this.engines === 'embedded') return false
    return this.service === undefined || needsOf(this.service).reaches.includes(what)
  }

  accepts(what: 'bittorrent' | 'grpc' | 'http' | 'tracker'): boolean {
    return this.service === undefined || needsOf(this.service).accepts.includes(what)
  }

  /** Whether a data folder is used: by the embedded set, and by a service that keeps torrents. */
  get usesFolder(): boolean {
    return this.engines === 'embedded' || (this.service !== undefined && this.accepts('bittorrent'))
  }

  /** @throws NotCheckedError */
  nats(): Promise<NatsLink> {
    return this.natsLink.orNotChecked('NATS is not reached (see nats-connection)')
  }

  /** A link to a server that has JetStream. @throws NotCheckedError */
  jetStream(): Promise<NatsLink> {
    return this.jetStreamLink.orNotChecked('JetStream is not there (see nats-jetstream)')
  }

  /** Every stream of the installation, whether it is there or not. @throws NotCheckedError, NatsPermissionError */
  streams(): Promise<readonly FoundStream[]> {
    return this.#streams.get()
  }

  /** The durable consumers of the log. @throws NotCheckedError, NatsPermissionError */
  consumers(): Promise<readonly ConsumerState[]> {
    return this.#consumers.get()
  }

  /** @throws NotCheckedError */
  mongo(): Promise<MongoLink> {
    return this.mongoLink.orNotChecked('MongoDB is not reached (see mongodb-connection)')
  }

  /** The namespace of the channel in NATS; `undefined` where the channel is a folder. */
  get channelNamespace(): string | undefined {
    const { channel, namespace } = this.config
    if (channel === '') return namespace
    return channel.startsWith('nats:') ? channel.slice('nats:'.length) : undefined
  }

  get declarations(): readonly StreamDeclaration[] {
    const { namespace, streamReplicas } = this.config
    const channel = this.channelNamespace
    return [
      ...busStreams(namespace, streamReplicas),
      ...(channel === undefined ? [] : [channelStream(channel, streamReplicas)]),
    ]
  }

  async #connectNats(): Promise<NatsLink> {
    const { natsUrl, natsCredentials, natsInboxPrefix } = this.config
    if (natsUrl === '')
      throw new NotCheckedError(`${settings.natsUrl.variable} names no server that could be asked (see settings)`)
    const link = await connectNats({
      servers: natsUrl,
      name: 'annals doctor',
      inboxPrefix: natsInboxPrefix,
      firstConnectionSeconds: connectSeconds,
      ...(natsCredentials !== '' && { credentialsFile: natsCredentials }),
    })
    return this.#connections.use(link)
  }

  async #connectMongo(): Promise<MongoLink> {
    const { mongodbUri: uri, namespace } = this.config
    if (uri === '')
      throw new NotCheckedError(`${settings.mongodbUri.variable} names no server that could be asked (see settings)`)
    return this.#connections.use(
      await connectMongo({ uri, namespace, appName: 'annals doctor', timeouts: mongoTimeouts }),
    )
  }

  async #lookAtStreams(): Promise<FoundStream[]> {
    const link = await this.jetStream()
    return Promise.all(this.declarations.map((declaration) => lookAtStream(link, declaration)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that is being made would otherwise be left open.
    await Promise.all([this.natsLink.settled(), this.mongoLink.settled()])
    await this.#connections.disposeAsync()
  }
}

async function lookAtStream(link: NatsLink, declaration: StreamDeclaration): Promise<FoundStream> {
  try {
    return { declaration, info: await streamInfo(link, declaration.name) }
  } catch (error) {
    if (!(isPassing(error) && error instanceof Error)) throw error
    return { declaration, info: undefined, unavailable: error.message }
  }
}
