import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { readEnv } from '../config.ts'
import { startNode } from '../start-node.ts'
import type { NodeOptions } from '../start-node.ts'
import type { ServiceContext, ServiceDefinition } from '../service.ts'
import { ManualClock } from './manual-clock.ts'

/** The embedded engines on a temporary folder, and services where a test starts them. */
export interface TestNode extends AsyncDisposable {
  readonly folder: string
  readonly context: ServiceContext & { readonly clock: ManualClock }
  /** Starts a service; it is stopped with the node, or by disposing the answer. */
  start(definition: ServiceDefinition): Promise<AsyncDisposable>
}

export interface TestNodeOptions extends Pick<NodeOptions, 'wrapEngines' | 'telemetry'> {
  /** Of an earlier node that is closed; a new one, removed at the end, where absent. */
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface TestFolder extends AsyncDisposable {
  readonly path: string
}

/** A temporary folder for nodes one after the other. */
export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'annals-node-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** On loopback, without DHT and, unless `env` names one, without tracker. */
export async function openTestNode(options: TestNodeOptions = {}): Promise<TestNode> {
  await using stack = new AsyncDisposableStack()
  const folder = options.folder ?? stack.use(await testFolder()).path
  const config = readEnv({
    ANNALS_DATA: join(folder, 'data'),
    ANNALS_CHANNEL: join(folder, 'channel'),
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
    ANNALS_TRACKERS: '',
    ...options.env,
  })
  const node = stack.use(
    await startNode([], { torrents: true, keys: true, ...options, config, log: pino({ level: 'silent' }) }),
  )
  const context = { ...node.context, clock: new ManualClock() }
  const stopping = new AbortController()
  const services = stack.use(new AsyncDisposableStack())
  stack.defer(() => stopping.abort())
  const owned = stack.move()
  return {
    folder,
    context,
    async start(definition) {
      const running = await definition.start(context, stopping.signal)
      let stopped: PromiseLike<void> | undefined
      const once = { [Symbol.asyncDispose]: () => (stopped ??= running[Symbol.asyncDispose]()) }
      return services.use(once)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
