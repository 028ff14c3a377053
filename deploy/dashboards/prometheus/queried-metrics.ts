import { instruments } from '@annals/telemetry'
import { prometheusName } from './prometheus-name.ts'

/** What the Collector's span metrics connector makes of every span, with its durations in seconds. */
const spanMetrics = {
  spanDuration: {
    name: 'traces.span.metrics.duration',
    kind: 'histogram',
    unit: 's',
    attributes: ['service.name', 'span.name', 'span.kind', 'status.code'],
  },
} as const

/** Every metric that dashboards and alerts may ask for, by the name that the code has for it. */
export const queried = { ...instruments, ...spanMetrics }

export type MetricKey = keyof typeof queried

type OfKind<K> = { [N in MetricKey]: (typeof queried)[N]['kind'] extends K ? N : never }[MetricKey]

export type CounterKey = OfKind<'counter'>
export type HistogramKey = OfKind<'histogram'>
export type GaugeKey = OfKind<'gauge'>

/** Who tells it: the Collector's exporter makes these of `service.name` and `service.instance.id`. */
export const origins = ['job', 'instance'] as const

export type AttributeOf<K extends MetricKey> = (typeof queried)[K]['attributes'][number] | (typeof origins)[number]

/** What services are called, whichever stands behind: `OTEL_SERVICE_NAME` should begin so too. */
export const ourJobs = 'annals.*'

/** Whether others than Annals may tell a metric of that name: then ours are found by their job. */
export function isShared(key: MetricKey): boolean {
  return !queried[key].name.startsWith('annals.')
}

/** What of it is told: of a histogram its parts, of all others the value itself. */
export type Part = 'bucket' | 'count' | 'sum'

export function seriesName(key: MetricKey, part?: Part): string {
  const name = prometheusName(queried[key])
  return part === undefined ? name : `${name}_${part}`
}
