import type { Metrics, Telemetry } from '@annals/telemetry'
import { silentTelemetry } from '@annals/telemetry'
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
import { observeDeadLetters, observeProcess } from './telemetry/observe-process.ts'
import { traceEngines } from './telemetry/trace-engines.ts'
import { traceStores } from './telemetry/tracing-stores.ts'

export interface NodeOptions {
  readonly config: AnnalsConfig
  readonly log: Logger
  /** Ends a start that is under way: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Whether there is a BitTorrent client; where absent, whether a service uses one. */
  readonly torrents?: boolean
  /** Whether secrets can be read and written; where absent, whether a service uses them. */
  readonly keys?: boolean
  /** Where the services tell what they do; nobody is told where absent. The caller's. */
  readonly telemetry?: Telemetry
  /** Puts something around the engines; for tests that make them fail. */
  readonly wrapEngines?: (engines: Engines) => Engines
}

function recordersOf(telemetry: Telemetry, service: string): Pick<ServiceContext, 'tracing' | 'metrics'> {
  return { tracing: telemetry.tracing(service), metrics: telemetry.metrics }
}

function countRefusals(metrics: Metrics): CountRefusal {
  return ({ what, reason, times = 1 }) => {
    if (what === 'announcement') metrics.add('announcementsRefused', times, { 'annals.refusal.reason': reason })
  }
}

/** What the process is called in telemetry: as its service, or, where it has several, as all of it. */
export function processName(definitions: readonly ServiceDefinition[]): string {
  const [only, ...others] = definitions
  return only !== undefined && others.length === 0 ? only.name : 'annals'
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
  const { config, log, telemetry = silentTelemetry() } = options
  await using stack = new AsyncDisposableStack()
  const used = (what: 'torrents' | 'keys'): boolean => definitions.some(({ uses }) => uses?.includes(what) === true)
  const torrents = options.torrents ?? used('torrents')
  const opened = await openEngines(config, log, stack, { torrents })
  const wrapped = options.wrapEngines?.(opened) ?? opened
  const stored = telemetry.recordsSpans ? traceStores(wrapped, telemetry.context, config.namespace) : wrapped
  const engines = traceEngines(stored, config, recordersOf(telemetry, processName(definitions)))
  const { keys, signer } = (options.keys ?? used('keys')) ? await openKeys(config, engines.state, log) : noKeys
  const context: ServiceContext = {
    ...engines,
    metrics: telemetry.metrics,
    keys,
    signer,
    config,
    log,
    clock: config.clock === 'system' ? systemClock : fileClock(config.clock.slice('file:'.length)),
    registry: new CommunityRegistry(engines.bus, engines.state, log),
    refusals: stack.use(new RefusalCounts(engines.state, log, countRefusals(telemetry.metrics))),
  }
  if (telemetry.metrics.records) {
    stack.use(observeProcess(telemetry.metrics))
    stack.use(observeDeadLetters(telemetry.metrics, engines.bus))
  }
  const stopping = new AbortController()
  const signal = AbortSignal.any([stopping.signal, ...(options.signal ? [options.signal] : [])])
  try {
    for (const definition of definitions) {
      signal.throwIfAborted()
      const serviceLog = log.child({ service: definition.name })
      const own = traceEngines(stored, config, recordersOf(telemetry, definition.name))
      stack.use(await definition.start({ ...context, ...own, log: serviceLog }, signal))
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
