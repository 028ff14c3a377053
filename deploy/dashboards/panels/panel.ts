import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** As they are called in Grafana's provisioning. */
export const dataSources = {
  metrics: { type: 'prometheus', uid: 'prometheus' },
  traces: { type: 'jaeger', uid: 'jaeger' },
} as const

/** Grafana's names of units. */
export type PanelUnit = 'none' | 's' | 'bytes' | 'Bps' | 'ops' | 'percentunit'

export interface PanelText {
  /** A question, or a plain statement. */
  readonly title: string
  /** What it means, and from where on it is not as it should be. */
  readonly description: string
}

export interface MetricPanel extends PanelText {
  readonly unit: PanelUnit
  readonly queries: readonly Query[]
}

export interface Query {
  readonly expression: string
  /** How a series is called: a text in which `{{label}}` stands for the label's value. */
  readonly legend: string
}

/** Of 24 columns. */
const widths = { stat: 4, half: 12, whole: 24 } as const

/** What was, over time. */
export function timeSeries({ title, description, unit, queries }: MetricPanel): Builder<Panel> {
  const panel = new TimeSeriesBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .min(0)
    .datasource(dataSources.metrics)
    .span(widths.half)
    .height(8)
  for (const [index, query] of queries.entries()) panel.withTarget(target(query, index).range())
  return panel
}

/** One number, as it is now. */
export function stat({ title, description, unit, queries }: MetricPanel): Builder<Panel> {
  const panel = new StatBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(dataSources.metrics)
    .span(widths.stat)
    .height(4)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .noValue('not told')
  for (const [index, query] of queries.entries()) panel.withTarget(target(query, index).instant())
  return panel
}

export interface TablePanel extends MetricPanel {
  /** Where a click on a cell leads. */
  readonly link: { readonly title: string; readonly url: string }
}

/** One row for each value of the labels, one column for each query, named by its legend. */
export function table({ title, description, unit, queries, link }: TablePanel): Builder<Panel> {
  const panel = new TableBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(dataSources.metrics)
    .span(widths.whole)
    .height(9)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        renameByName: Object.fromEntries(queries.map((query, index) => [`Value #${refId(index)}`, query.legend])),
      },
    })
    .overrideByFieldType('string', [{ id: 'links', value: [link] }])
  for (const [index, query] of queries.entries())
    panel.withTarget(target(query, index).instant().format(PromQueryFormat.Table))
  return panel
}

function target({ expression, legend }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(refId(index))
    .datasource(dataSources.metrics)
    .expr(expression)
    .legendFormat(legend)
}

function refId(index: number): string {
  return String.fromCodePoint('A'.codePointAt(0)! + index)
}
