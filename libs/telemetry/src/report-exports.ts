/** Where telemetry tells what becomes of it; a pino logger is one. */
export interface TelemetryLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** The part of an exporter that is told of. */
interface Exporter<T> {
  export(items: T, done: (result: { readonly code: number; readonly error?: Error }) => void): void
}

/**
 * Tells the log when exports begin to fail and when they succeed again, once each: a receiver that is away for a night
 * is no reason to fill the log.
 */
export function reportExports<T, E extends Exporter<T>>(exporter: E, signal: string, log: TelemetryLog): E {
  const send = exporter.export.bind(exporter)
  let failing = false
  exporter.export = (items, done) =>
    send(items, (result) => {
      const failed = result.code !== 0
      // Its class and not itself: what the receiver answered is not ours to write down.
      if (failed && !failing)
        log.warn({ signal, error: classOf(result.error) }, 'telemetry is not taken; going on without')
      if (!failed && failing) log.info({ signal }, 'telemetry is taken again')
      failing = failed
      done(result)
    })
  return exporter
}

function classOf(error: Error | undefined): string {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' || typeof code === 'number' ? String(code) : (error?.name ?? 'unknown')
}
