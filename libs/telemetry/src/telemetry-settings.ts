/** What is to be told, and to whom; named after the `OTEL_*` variables of the OpenTelemetry specification. */
export interface TelemetrySettings {
  /** The OTLP receiver's base address; empty for nobody: then nothing is recorded, whatever stands below. */
  readonly endpoint: string
  readonly protocol: 'http/protobuf' | 'http/json'
  /** Sent along with every request; may hold a secret. */
  readonly headers: Readonly<Record<string, string>>
  /** For one export. */
  readonly timeoutMilliseconds: number
  readonly traces: boolean
  readonly metrics: boolean
  /** Empty for `annals-` and the service. */
  readonly serviceName: string
  readonly resourceAttributes: Readonly<Record<string, string>>
  readonly sampler: SamplerName
  /** The share of traces for the samplers with a ratio, 0 to 1. */
  readonly samplerRatio: number
  /** Between two exports of what spans there are. */
  readonly spanDelayMilliseconds: number
  /** Between two exports of the metrics. */
  readonly metricIntervalMilliseconds: number
}

/** `OTEL_TRACES_SAMPLER` as the specification has it, without those that ask a server. */
export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

export type SamplerName = (typeof samplerNames)[number]
