import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import { QueryVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard'
import { series } from '../prometheus/expressions.ts'
import { prometheusLabel } from '../prometheus/prometheus-name.ts'
import { dataSources } from './panel.ts'

/** `$community`: one of those that are told, or an id that is typed in. */
export function communityVariable(): Builder<VariableModel> {
  return new QueryVariableBuilder('community')
    .label('Community')
    .description('A community id; one that is not in the list may be typed in')
    .datasource(dataSources.metrics)
    .query(`label_values(${series('weeksBehind')}, ${prometheusLabel('annals.community.id')})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .allowCustomValue(true)
}
