import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { busStreams } from '@annals/events/nats'
import { channelStream } from '@annals/channels/nats'
import { makeMasterKeyFile } from '@annals/keys'
import { testMongoUri, testNatsUrl } from '@annals/local-servers/testing'
import { callJetStream, connectNats, streamInfo } from '@annals/nats'
import { connectMongo } from '@annals/storage/mongo'
import type { TestNode, TestNodeOptions } from './open-test-node.ts'
import { openTestNode } from './open-test-node.ts'

/** An installation of its own on the servers of this test run; its streams and its database go at the end. */
export interface Installation extends AsyncDisposable {
  readonly namespace: string
  /** Another process of it, by its instance's name. Nodes are to be closed before the installation. */
  open(instance: string, options?: TestNodeOptions): Promise<TestNode>
}

/** Real engines under a name of their own. */
export function openInstallation(env: Readonly<Record<string, string>> = {}): Installation {
  const namespace = `t${randomBytes(6).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'annals-installation-'))
  const masterKeyFile = join(folder, 'master.key')
  makeMasterKeyFile(masterKeyFile)
  const common = {
    NATS_URL: testNatsUrl(),
    MONGODB_URI: testMongoUri(),
    ANNALS_NAMESPACE: namespace,
    ANNALS_TAKE_OVER_SECONDS: '2',
    ANNALS_MASTER_KEY_FILE: masterKeyFile,
  }
  return {
    namespace,
    open: (instance, options = {}) =>
      openTestNode({
        ...options,
        env: { ...common, ANNALS_INSTANCE: instance, ANNALS_CHANNEL: '', ...env, ...options.env },
      }),
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true })
      await using link = await connectNats({ servers: testNatsUrl(), name: namespace })
      for (const { name } of [...busStreams(namespace, 1), channelStream(namespace, 1)])
        if ((await streamInfo(link, name)) !== undefined) await callJetStream(link, `STREAM.DELETE.${name}`)
      await using mongo = await connectMongo({ uri: testMongoUri(), namespace, appName: 'test' })
      await mongo.database.dropDatabase()
    },
  }
}
