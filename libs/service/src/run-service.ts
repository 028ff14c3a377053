import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { MasterKeyFileError } from '@annals/keys'
import { TraceContext, openTelemetry } from '@annals/telemetry'
import { pino } from 'pino'
import { ConfigError, readEnv } from './config.ts'
import type { AnnalsConfig } from './config.ts'
import { HealthServer } from './health-server.ts'
import type { ServiceDefinition } from './service.ts'
import { telemetrySettings } from './telemetry/telemetry-settings.ts'
import { processName, startNode } from './start-node.ts'
import type { NodeOptions, RunningNode } from './start-node.ts'

const longestTimerMilliseconds = 2 ** 31 - 1

export interface RunOptions extends Pick<NodeOptions, 'wrapEngines'> {
  /** The settings; those of the process's environment where absent. */
  readonly config?: AnnalsConfig
  /** Stops in order when standard input ends, as it does when whoever started this process is gone. */
  readonly untilStdinEnds?: boolean
  /** Called once everything is at work. */
  readonly onStarted?: (node: RunningNode) => void | Promise<void>
}

/**
 * The life of a service's process: settings from the environment, logging, start, work until SIGINT or SIGTERM, drain,
 * exit code (0 stopped when told to, 1 failed, 2 settings that cannot be used). A drain that takes longer than its
 * limit ends in exit code 1: whatever was under way is redelivered at the next start.
 */
export async function runService(definitions: readonly ServiceDefinition[], options: RunOptions = {}): Promise<void> {
  const { config, problem } = options.config === undefined ? settingsOf(process.env) : { config: options.config }
  const traces = new TraceContext()
  const log = pino(
    { base: null, level: config?.logLevel ?? 'info', mixin: () => traces.logFields() },
    pino.destination({ dest: 2, sync: true }),
  )
  if (config === undefined) {
    for (const each of problem.problems) log.fatal(each, 'a setting cannot be used')
    process.exit(2)
  }
  const stop = new AbortController()
  let limit: NodeJS.Timeout | undefined
  let health: HealthServer | undefined
  const stopBecause = (reason: string): void => {
    log.info({ reason }, 'stopping')
    if (health !== undefined) health.state = 'draining'
    stop.abort()
    // Also where the start is still under way. The timer alone does not keep the process.
    const { drainSeconds } = config
    limit = setTimeout(() => {
      log.error({ drainSeconds }, 'draining took too long; what was under way starts again next time')
      process.exit(1)
    }, drainSeconds * 1000)
    limit.unref()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopBecause(signal))
  if (options.untilStdinEnds === true)
    process.stdin
      .once('end', () => stopBecause('standard input has ended'))
      .once('error', () => undefined)
      .resume()
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an error that nobody handled; stopping')
    process.exit(1)
  })
  // Engines that are away for a moment may leave nothing that keeps the process: it lives until it is told to stop.
  setInterval(() => undefined, longestTimerMilliseconds)
  try {
    health = config.health && (await HealthServer.listen(config.health))
    const telemetry = await openTelemetry({
      settings: telemetrySettings(config),
      service: processName(definitions),
      instance: config.instance === '' ? randomUUID() : config.instance,
      context: traces,
      log,
    })
    const node = await startNode(definitions, { ...options, config, log, telemetry, signal: stop.signal })
    if (health !== undefined && !stop.signal.aborted) health.state = 'running'
    await options.onStarted?.(node)
    log.info({ services: definitions.map((each) => each.name), dataFolder: config.dataFolder }, 'at work')
    if (!stop.signal.aborted) await once(stop.signal, 'abort')
    await node[Symbol.asyncDispose]()
    // All work is done and kept: what telemetry still takes, which has a bound of its own, is no reason to fail.
    clearTimeout(limit)
    await telemetry[Symbol.asyncDispose]()
    process.exit(0)
  } catch (error) {
    // A start that was told to stop ends with the reason for it, unless closing what it had opened failed as well.
    if (stop.signal.aborted && error === stop.signal.reason) process.exit(0)
    log.fatal({ err: error }, error instanceof Error ? error.message : 'failed')
    process.exit(error instanceof ConfigError || error instanceof MasterKeyFileError ? 2 : 1)
  }
}

function settingsOf(
  environment: Readonly<Record<string, string | undefined>>,
): { config: AnnalsConfig; problem?: never } | { config?: never; problem: ConfigError } {
  try {
    return { config: readEnv(environment) }
  } catch (error) {
    if (error instanceof ConfigError) return { problem: error }
    throw error
  }
}
