import { randomBytes } from 'node:crypto'
import { declareStreams } from '@annals/deploy'
import { testMongoUri, testNatsUrl } from '@annals/local-servers/testing'
import { busStreams } from '@annals/events/nats'
import { channelStream } from '@annals/channels/nats'
import type { NatsLink } from '@annals/nats'
import { callJetStream, connectNats, patiently } from '@annals/nats'
import type { MongoLink } from '@annals/storage/mongo'
import { connectMongo } from '@annals/storage/mongo'

/** An installation of a test's own on servers that others use as well. Its streams and its database go at the end. */
export interface OwnNamespace extends AsyncDisposable {
  readonly namespace: string
  readonly nats: NatsLink
  readonly mongo: MongoLink
  /** The settings that name it. */
  readonly env: Readonly<Record<string, string>>
}

export interface OwnNamespaceOptions {
  /** The server of this test run where absent. */
  readonly natsUrl?: string
  /** Whether its streams are made; they are where absent. */
  readonly streams?: boolean
  readonly replicas?: number
}

const silent = { warn: (): void => undefined }

export async function openOwnNamespace(options: OwnNamespaceOptions = {}): Promise<OwnNamespace> {
  const { natsUrl = testNatsUrl(), streams = true, replicas = 1 } = options
  const namespace = `test-${randomBytes(6).toString('hex')}`
  const uri = new URL(`/${namespace}`, testMongoUri()).href
  await using stack = new AsyncDisposableStack()
  const nats = stack.use(await connectNats({ servers: natsUrl, name: namespace }))
  const mongo = stack.use(await connectMongo({ uri, namespace, appName: namespace }))
  // A cluster elects its leader first.
  if (streams)
    await patiently({ link: nats, seconds: 60 }, () => declareStreams({ link: nats, namespace, replicas, log: silent }))
  stack.defer(async () => {
    for (const { name } of [...busStreams(namespace, 1), channelStream(namespace, 1)])
      await callJetStream(nats, `STREAM.DELETE.${name}`).catch(() => undefined)
    await mongo.database.dropDatabase()
  })
  const owned = stack.move()
  return {
    namespace,
    nats,
    mongo,
    env: { NATS_URL: natsUrl, MONGODB_URI: uri, ANNALS_NAMESPACE: namespace },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
