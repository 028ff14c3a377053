interface Named {
  readonly name: string
  readonly kind: 'counter' | 'histogram' | 'gauge'
  /** UCUM, as OpenTelemetry tells it. */
  readonly unit: string
}

/** Units of ours and of the Collector; what stands in braces says what is counted and is left out. */
const units: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '1': '' }

/**
 * What a metric is called in Prometheus when the Collector's prometheus exporter hands it on with its suffixes, as it does
 * where nothing else is said (`normalizeName` of github.com/prometheus/otlptranslator, 1.0.0). A histogram's name is without
 * `_bucket`, `_count` and `_sum`.
 * @throws UnknownUnitError
 */
export function prometheusName({ name, kind, unit }: Named): string {
  const tokens = tokensOf(name)
  const suffix = unit === '' || unit.startsWith('{') ? '' : units[unit]
  if (suffix === undefined) throw new UnknownUnitError(name, unit)
  if (suffix !== '' && !tokens.includes(suffix)) tokens.push(suffix)
  if (kind === 'counter') moveToEnd(tokens, 'total')
  if (kind === 'gauge' && unit === '1') moveToEnd(tokens, 'ratio')
  return safeStart(tokens.join('_'))
}

/** What an attribute is called in Prometheus: several signs that it does not know become one underscore each. */
export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll(/[^A-Za-z0-9_]/g, '_')
}

/** A unit whose name in Prometheus is not known here. */
export class UnknownUnitError extends Error {
  override readonly name = 'UnknownUnitError'
  readonly metric: string
  readonly unit: string

  constructor(metric: string, unit: string) {
    super(`${metric} has the unit "${unit}": say in prometheus-name.ts what the Collector makes of it`)
    this.metric = metric
    this.unit = unit
  }
}

function tokensOf(name: string): string[] {
  return name.split(/[^A-Za-z0-9:]+/).filter((token) => token !== '')
}

function moveToEnd(tokens: string[], token: string): void {
  const others = tokens.filter((each) => each !== token)
  tokens.splice(0, tokens.length, ...others, token)
}

function safeStart(name: string): string {
  return /^\d/.test(name) ? `_${name}` : name
}
