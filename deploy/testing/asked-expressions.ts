import { alerts } from '../alerts/alerts.ts'
import { dashboards } from '../dashboards/dashboards.ts'
import { expressionsOf } from '../dashboards/testing/panels-of.ts'

export interface AskedExpression {
  /** The dashboard or the alert. */
  readonly of: string
  readonly expression: string
  /** Why it answers nothing while all is well, where it does. */
  readonly silentBecause?: string
}

/**
 * All that dashboards and alerts ask Prometheus, as it is asked once variables have values; of alerts what they look at,
 * without the comparison.
 */
export function askedExpressions(communityId: string): readonly AskedExpression[] {
  const ofPanels = dashboards.flatMap((dashboard) =>
    expressionsOf(dashboard).map((expression) => ({
      of: `dashboard ${dashboard.uid}`,
      expression: expression.replaceAll('$__rate_interval', '5m').replaceAll('$community', communityId),
    })),
  )
  const ofAlerts = alerts.map(({ name, value, silentBecause }) => ({
    of: `alert ${name}`,
    expression: value,
    ...(silentBecause !== undefined && { silentBecause }),
  }))
  return [...ofPanels, ...ofAlerts]
}
