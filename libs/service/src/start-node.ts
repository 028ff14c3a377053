import type { Logger } from 'pino'
import { fileClock, systemClock } from './clock.ts'
import { CommunityRegistry } from './community-registry.ts'
import type { AnnalsConfig } from './config.ts'
import { openEmbeddedEngines } from './engines.ts'
import type { Engines } from './engines.ts'
import { ProgressBoard } from './progress.ts'
import type { ServiceContext, ServiceDefinition } from './service.ts'

export interface NodeOptions {
  readonly config: AnnalsConfig
  readonly log: Logger
  /** Ends a start that is under way: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
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
  const opened = await openEmbeddedEngines(config, log, stack)
  const engines = options.wrapEngines?.(opened) ?? opened
  const context: ServiceContext = {
    ...engines,
    config,
    log,
    clock: config.clock === 'system' ? systemClock : fileClock(config.clock.slice('file:'.length)),
    registry: new CommunityRegistry(engines.bus, engines.state),
    progress: new ProgressBoard(),
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
