import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { Resource } from '@opentelemetry/resources'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { makeMetrics, silentMetrics } from './metrics.ts'
import type { Telemetry, TelemetryOptions } from './open-telemetry.ts'
import { reportExports } from './report-exports.ts'
import { samplerOf } from './sampler-of.ts'
import type { TelemetrySettings } from './telemetry-settings.ts'
import { Tracing } from './tracing.ts'

/** An end of the process waits so long for what is left to be taken. */
const shutdownMilliseconds = 2_000

/** Requests under way at once: all that the queue holds, and as much before it. A slow receiver is not to fill the memory. */
const concurrencyLimit = 8

/** Longest text that is kept of an attribute. */
const attributeCharacters = 256

/** Opens the exporters. @see openTelemetry, which loads this module only where somebody is told. */
export function startRecording(options: TelemetryOptions): Telemetry {
  const { settings, context, service } = options
  const spans = settings.traces ? openSpans(options) : undefined
  const meters = settings.metrics ? openMeters(options) : undefined
  const tracings = new Map<string, Tracing>()
  const tracing = (name: string): Tracing => {
    const known = tracings.get(name) ?? new Tracing(context, spans?.tracer(name))
    tracings.set(name, known)
    return known
  }
  const endAll = (): Promise<unknown> =>
    Promise.allSettled([spans?.shutdown() ?? Promise.resolve(), meters?.shutdown() ?? Promise.resolve()])
  let ending: Promise<void> | undefined
  const end = (): Promise<void> => (ending ??= within(shutdownMilliseconds, endAll()))
  return {
    context,
    recordsSpans: spans !== undefined,
    tracing,
    metrics: meters === undefined ? silentMetrics : makeMetrics(meters.getMeter(scopeOf(service))),
    [Symbol.asyncDispose]: end,
  }
}

function openSpans(options: TelemetryOptions) {
  const { settings, log } = options
  const Exporter = settings.protocol === 'http/json' ? JsonTraceExporter : OTLPTraceExporter
  // One queue for all services of the process; each has its own name, as if it were alone.
  const processor = new BatchSpanProcessor({
    exporter: reportExports(new Exporter(exporterOptions(settings, 'v1/traces')), 'traces', log),
    scheduledDelayMillis: settings.spanDelayMilliseconds,
    exportTimeoutMillis: settings.timeoutMilliseconds,
  })
  return {
    tracer: (service: string) =>
      new TracerProvider({
        resource: resourceOf(options, service),
        sampler: samplerOf(settings),
        spanProcessors: [processor],
        spanLimits: { attributeValueLengthLimit: attributeCharacters },
      }).getTracer(scopeOf(service)),
    shutdown: () => processor.shutdown(),
  }
}

function openMeters(options: TelemetryOptions): MeterProvider {
  const { settings, log, service } = options
  const { metricIntervalMilliseconds, timeoutMilliseconds } = settings
  const Exporter = settings.protocol === 'http/json' ? JsonMetricExporter : OTLPMetricExporter
  const exporter = reportExports(new Exporter(exporterOptions(settings, 'v1/metrics')), 'metrics', log)
  // A gauge that is not told any more would else go out with its last value for ever: a community that is no longer among the
  // worst, a consumer that has ended. On the wire gauges have no temporality.
  exporter.selectAggregationTemporality = (type) =>
    type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: metricIntervalMilliseconds,
    exportTimeoutMillis: Math.min(metricIntervalMilliseconds, timeoutMilliseconds),
  })
  return new MeterProvider({ resource: resourceOf(options, service), readers: [reader] })
}

function exporterOptions(settings: TelemetrySettings, path: string) {
  const { endpoint, headers, timeoutMilliseconds } = settings
  const url = `${endpoint.replace(/\/+$/, '')}/${path}`
  return { url, headers: { ...headers }, timeoutMillis: timeoutMilliseconds, concurrencyLimit }
}

function resourceOf({ settings, instance }: TelemetryOptions, service: string): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      'service.instance.id': instance,
      ...settings.resourceAttributes,
      'service.name': settings.serviceName === '' ? scopeOf(service) : settings.serviceName,
      'annals.service': service,
    }),
  )
}

/** Of a service, `annals-archiver`; of a process with several, `annals`. */
function scopeOf(service: string): string {
  return service === 'annals' ? service : `annals-${service}`
}

/** Waits for work, and no longer than that. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([work, promise])
  clearTimeout(timer)
}
