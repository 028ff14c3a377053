import type { TelemetrySettings } from '@annals/telemetry'
import type { AnnalsConfig } from '../config.ts'

/** What the settings of a process say of its telemetry. */
export function telemetrySettings(config: AnnalsConfig): TelemetrySettings {
  return {
    endpoint: config.otlpEndpoint,
    protocol: config.otlpProtocol,
    headers: config.otlpHeaders,
    timeoutMilliseconds: config.otlpTimeoutMilliseconds,
    traces: config.tracesExporter === 'otlp',
    metrics: config.metricsExporter === 'otlp',
    serviceName: config.serviceName,
    resourceAttributes: config.resourceAttributes,
    sampler: config.tracesSampler,
    samplerRatio: config.tracesSamplerRatio,
    spanDelayMilliseconds: config.spanDelayMilliseconds,
    metricIntervalMilliseconds: config.metricIntervalMilliseconds,
  }
}
