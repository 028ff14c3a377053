import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMongo, startNats } from '@annals/local-servers'
import { makeMasterKeyFile } from '@annals/keys'
import type { NatsLink } from '@annals/nats'
import { connectNats } from '@annals/nats'
import type { Engines } from '@annals/service'
import { openEngines, readEnv } from '@annals/service'
import type { MongoLink } from '@annals/storage/mongo'
import { connectMongo } from '@annals/storage/mongo'
import { pino } from 'pino'
import { ClockFile } from '../src/index.ts'

/** NATS and MongoDB for one run, with what stands beside the product's own adapters: bare clients of both. */
export interface ClusterEngines extends AsyncDisposable {
  readonly folder: string
  readonly clock: ClockFile
  /** Settings for the processes of the run. */
  readonly environment: Readonly<Record<string, string>>
  readonly engines: Engines
  readonly nats: NatsLink
  readonly mongo: MongoLink
}

/**
 * Starts a NATS server of its own, whose every acknowledgement waits for the disk, and one of MongoDB's protocol where no
 * address is given. The database of the run goes at its end.
 */
export async function openClusterEngines(now: number, mongoAddress: string | undefined): Promise<ClusterEngines> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'annals-bench-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const server = stack.use(await startNats())
  const database = stack.use(await startMongo({ address: mongoAddress }))
  console.log(`on ${server.origin} and ${database.origin}`)
  const clock = await ClockFile.at(join(folder, 'clock'), now)
  const namespace = `bench-${randomBytes(4).toString('hex')}`
  const masterKeyFile = join(folder, 'master.key')
  makeMasterKeyFile(masterKeyFile)
  const environment = {
    ANNALS_MASTER_KEY_FILE: masterKeyFile,
    NATS_URL: server.url,
    MONGODB_URI: database.url,
    ANNALS_NAMESPACE: namespace,
    ANNALS_CLOCK: clock.setting,
    ANNALS_TRACKERS: '',
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
    ANNALS_LOG: 'warn',
  }
  const nats = stack.use(await connectNats({ servers: server.url, name: 'bench' }))
  const mongo = stack.use(await connectMongo({ uri: database.url, namespace, appName: 'bench' }))
  stack.defer(async () => void (await mongo.database.dropDatabase()))
  const engines = await openEngines(readEnv(environment), pino({ level: 'warn' }), stack, { torrents: false })
  const owned = stack.move()
  return { folder, clock, environment, engines, nats, mongo, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Events a second of the bare client: so many acknowledged messages of a size, a thousand side by side. */
export async function publishRaw({ nats }: ClusterEngines, count: number, payload: Uint8Array): Promise<number> {
  const name = `raw-${randomBytes(4).toString('hex')}`
  const manager = await nats.jetstream.jetstreamManager()
  await manager.streams.add({ name, subjects: [`${name}.>`] })
  const start = performance.now()
  for (let done = 0; done < count; done += 1000) {
    const some = Math.min(1000, count - done)
    await Promise.all(
      Array.from({ length: some }, (_, index) => nats.jetstream.publish(`${name}.${done + index}`, payload)),
    )
  }
  const rate = (count / (performance.now() - start)) * 1000
  await manager.streams.delete(name)
  return rate
}
