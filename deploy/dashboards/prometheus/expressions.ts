import { prometheusLabel } from './prometheus-name.ts'
import type { AttributeOf, CounterKey, GaugeKey, HistogramKey, MetricKey, Part } from './queried-metrics.ts'
import { isShared, ourJobs, seriesName } from './queried-metrics.ts'

/** `$__rate_interval` is for panels: Grafana sets it by the time that is shown. */
export type Window = '$__rate_interval' | `${number}${'m' | 'h' | 'd'}`

/** What a label must be: this, not this, or something that matches a regular expression. */
export type Wanted = string | { readonly not: string } | { readonly like: string }

export interface Choice<K extends MetricKey> {
  readonly where?: { readonly [A in AttributeOf<K>]?: Wanted }
  /** One value for each of these; one for all where absent. */
  readonly by?: readonly AttributeOf<K>[]
}

/** The series of a metric, as it comes; of one that others may tell as well, ours. */
export function series<K extends MetricKey>(key: K, where: Choice<K>['where'] = {}, part?: Part): string {
  const ours: Record<string, Wanted> = isShared(key) ? { job: { like: ourJobs } } : {}
  const matchers = Object.entries({ ...ours, ...(where as Record<string, Wanted>) }).map(([attribute, wanted]) =>
    matcher(attribute, wanted),
  )
  const text = matchers.length === 0 ? '' : `{${matchers.join(', ')}}`
  return `${seriesName(key, part)}${text}`
}

export function most<K extends GaugeKey>(key: K, choice: Choice<K> = {}): string {
  return `max${grouping(choice)} (${series(key, choice.where)})`
}

export function least<K extends GaugeKey>(key: K, choice: Choice<K> = {}): string {
  return `min${grouping(choice)} (${series(key, choice.where)})`
}

/** For gauges that each process has of its own. */
export function total<K extends GaugeKey>(key: K, choice: Choice<K> = {}): string {
  return `sum${grouping(choice)} (${series(key, choice.where)})`
}

export function perSecond<K extends CounterKey | HistogramKey>(
  key: K,
  window: Window,
  choice: Choice<K> = {},
  part?: Part,
): string {
  return `sum${grouping(choice)} (rate(${series(key, choice.where, part)}[${window}]))`
}

/**
 * How much a counter rose within a window. One that was not there before the window has risen by all of its value, which
 * `increase()` does not know: most of what is rare is told once.
 */
export function risen<K extends CounterKey>(key: K, window: Window, choice: Choice<K> = {}): string {
  const counter = series(key, choice.where)
  return `sum${grouping(choice)} ((${counter} unless ${counter} offset ${window}) or increase(${counter}[${window}]))`
}

/** @param quantile 0 to 1 */
export function quantile<K extends HistogramKey>(
  quantile: number,
  key: K,
  window: Window,
  choice: Choice<K> = {},
): string {
  const by = ['le', ...(choice.by ?? []).map(prometheusLabel)].join(', ')
  return `histogram_quantile(${quantile}, sum by (${by}) (rate(${series(key, choice.where, 'bucket')}[${window}])))`
}

/** The `count` of an expression's series with the greatest values, or with `bottom` the least. */
export function worst(count: number, expression: string, which: 'top' | 'bottom' = 'top'): string {
  return `${which}k(${count}, ${expression})`
}

/** Which part of one is the other; nothing where there is nothing to have a part of. */
export function share(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`
}

/** How a legend names a series by its attribute. */
export function legend<K extends MetricKey>(_key: K, ...attributes: readonly AttributeOf<K>[]): string {
  return attributes.map((attribute) => `{{${prometheusLabel(attribute)}}}`).join(' ')
}

function grouping({ by }: { readonly by?: readonly string[] }): string {
  return by === undefined ? '' : ` by (${by.map(prometheusLabel).join(', ')})`
}

function matcher(attribute: string, wanted: Wanted): string {
  const label = prometheusLabel(attribute)
  if (typeof wanted === 'string') return `${label}=${JSON.stringify(wanted)}`
  return 'not' in wanted ? `${label}!=${JSON.stringify(wanted.not)}` : `${label}=~${JSON.stringify(wanted.like)}`
}
