import type { Telemetry } from '../open-telemetry.ts'
import { openTelemetry } from '../open-telemetry.ts'
import type { TelemetryLog } from '../report-exports.ts'
import type { TelemetrySettings } from '../telemetry-settings.ts'
import { TraceContext } from '../trace-context.ts'

const silent: TelemetryLog = { info: () => undefined, warn: () => undefined }

/** Telemetry of a process with services, as JSON, at once where the receiver is not given otherwise. */
export function telemetryTo(
  endpoint: string,
  settings: Partial<TelemetrySettings> = {},
  log: TelemetryLog = silent,
): Promise<Telemetry> {
  return openTelemetry({
    settings: {
      endpoint,
      protocol: 'http/json',
      headers: {},
      timeoutMilliseconds: 10_000,
      traces: true,
      metrics: true,
      serviceName: '',
      resourceAttributes: {},
      sampler: 'parentbased_always_on',
      samplerRatio: 1,
      spanDelayMilliseconds: 20,
      metricIntervalMilliseconds: 50,
      ...settings,
    },
    service: 'annals',
    instance: 'one',
    context: new TraceContext(),
    log,
  })
}
