import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import type { PanelText } from './panel.ts'
import { dataSources } from './panel.ts'

export interface TraceSearch {
  /** `service.name` of whoever tells the span. */
  readonly service: string
  /** Any where absent. Names of events begin with the installation's namespace, so these are looked for by attribute. */
  readonly span?: string
  /** Attributes of that span, with values or Grafana's variables. */
  readonly attributes: Readonly<Record<string, string>>
}

/** Jaeger's query as Grafana keeps it, of which the SDK has no builder. */
interface JaegerQuery {
  readonly refId: string
  readonly datasource: DataSourceRef
  readonly queryType?: 'search'
  /** A trace's id. */
  readonly query?: string
  readonly service?: string
  readonly operation?: string
  /** `key=value` pairs, separated by spaces. */
  readonly tags?: string
  readonly limit?: number
}

const mostTraces = 50

/** A table of the traces in which there is such a span, the newest first. */
export function traceTable({ title, description }: PanelText, search: TraceSearch): Builder<Panel> {
  const { service, span, attributes } = search
  const pairs = Object.entries(attributes).map(([name, value]) => `${name}=${value}`)
  return new TableBuilder()
    .title(title)
    .description(description)
    .unit('none')
    .datasource(dataSources.traces)
    .span(12)
    .height(9)
    .withTarget(
      query({
        queryType: 'search',
        service,
        ...(span !== undefined && { operation: span }),
        tags: pairs.join(' '),
        limit: mostTraces,
      }),
    )
}

/** One trace, span by span. @param traceId may be one of Grafana's variables */
export function traceView({ title, description }: PanelText, traceId: string): Builder<Panel> {
  return new PanelBuilder()
    .type('traces')
    .title(title)
    .description(description)
    .unit('none')
    .datasource(dataSources.traces)
    .span(24)
    .height(16)
    .withTarget(query({ query: traceId }))
}

function query(asked: Omit<JaegerQuery, 'refId' | 'datasource'>): Builder<Dataquery> {
  const built: JaegerQuery = { refId: 'A', datasource: dataSources.traces, ...asked }
  return { build: () => ({ ...built, _implementsDataqueryVariant: () => undefined }) }
}
