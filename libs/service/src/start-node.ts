import type { Logger } from 'pino'
import { fileClock, systemClock } from './clock.ts'
import { CommunityRegistry } from './community-registry.ts'
import type { AnnalsConfig } from './config.ts'
import type { Engines } from './engines/engines.ts'
import { openEngines } from './engines/open-engines.ts'
import { noKeys, openKeys } from './open-keys.ts'
import { RefusalCounts } from './refusals/refusal-counts.ts'
import type { CountRefusal } from './refusals/refusal-counts.ts'
import type { ServiceContext, ServiceDefinition } from './service.ts'
import { TracingBus } from './tracing-bus.ts'

export interface NodeOptions {
  readonly config: AnnalsConfig
  readonly log: Logger
  /** Ends a start that is under way: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Whether there is a BitTorrent client; where absent, whether a service uses one. */
  readonly torrents?: boolean
  /** Whether secrets can be read and written; where absent, whether a service uses them. */
  readonly keys?: boolean
  /** Told of everything that is refused, as it is; for who counts elsewhere as well. */
  readonly onRefusal?: CountRefusal
  /** Puts something around the engines; for tests that make them fail. */
  readonly wrapEngines?: (engines: Engines) => Engines
}

/** Services at work in this process. Disposing drains them, last started first, then closes the engines. */
export interface RunningNode extends AsyncDisposable {
  readonly context: ServiceContext
}

/**
 * Opens the engines and starts the services on them, in order.
 * @throws what an engine or a service throws at start; everything opened by then is closed again
 */
export async function startNode(definitions: readonly ServiceDefinition[], options: NodeOptions): Promise<RunningNode> {
  const { config, log } = options
  await using stack = new AsyncDisposableStack()
  const used = (what: 'torrents' | 'keys'): boolean => definitions.some(({ uses }) => uses?.includes(what) === true)
  const torrents = options.torrents ?? used('torrents')
  const opened = await openEngines(config, log, stack, { torrents })
  const wrapped = options.wrapEngines?.(opened) ?? opened
  const engines = { ...wrapped, bus: new TracingBus(wrapped.bus) }
  const { keys, signer } = (options.keys ?? used('keys')) ? await openKeys(config, engines.state, log) : noKeys
  const context: ServiceContext = {
    ...engines,
    keys,
    signer,
    config,
    log,
    clock: config.clock === 'system' ? systemClock : fileClock(config.clock.slice('file:'.length)),
    registry: new CommunityRegistry(engines.bus, engines.state, log),
    refusals: stack.use(new RefusalCounts(engines.state, log, options.onRefusal)),
  }
  const stopping = new AbortController()
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])])
  try {
    for (const definition of definitions) {
      signal.throwIfAborted()
      const serviceLog = log.child({ service: definition.name })
      stack.use(await definition.start({ ...context, log: serviceLog }, signal))
      serviceLog.debug('started')
    }
    signal.throwIfAborted()
  } catch (error) {
    stopping.abort()
    throw error
  }
  // Deferred last, so it runs first: loops and long waits end before anything is drained or closed.
  stack.defer(() => stopping.abort())
  const owned = stack.move()
  return { context, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
