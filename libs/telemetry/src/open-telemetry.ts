import type { Metrics } from './metrics.ts'
import { silentMetrics } from './metrics.ts'
import type { TelemetryLog } from './report-exports.ts'
import type { TelemetrySettings } from './telemetry-settings.ts'
import { TraceContext } from './trace-context.ts'
import { Tracing } from './tracing.ts'

/** What a process tells of its work. Disposing sends what is left, for a short while, and ends it; never rejects. */
export interface Telemetry extends AsyncDisposable {
  readonly context: TraceContext
  /** False where there is nobody to tell. */
  readonly recordsSpans: boolean
  /** Spans of one of the services of this process. */
  tracing(service: string): Tracing
  readonly metrics: Metrics
}

export interface TelemetryOptions {
  readonly settings: TelemetrySettings
  /** What the process is, where it is not one of its services alone. */
  readonly service: string
  /** Which of the processes of a service this is. */
  readonly instance: string
  readonly context: TraceContext
  readonly log: TelemetryLog
}

/**
 * Begins to record what the settings ask for, and sends it in the background: a receiver that is away or silent holds
 * nobody up and costs what did not fit into a bounded queue. Nothing is loaded where nobody is told.
 */
export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { endpoint, traces, metrics } = options.settings
  if (endpoint === '' || !(traces || metrics)) return silentTelemetry(options.context)
  const { startRecording } = await import('./start-recording.ts')
  return startRecording(options)
}

/** Records nothing, and hands trace contexts on. */
export function silentTelemetry(context: TraceContext = new TraceContext()): Telemetry {
  const tracing = new Tracing(context)
  return {
    context,
    recordsSpans: false,
    tracing: () => tracing,
    metrics: silentMetrics,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
