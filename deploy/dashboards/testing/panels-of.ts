import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard'

export function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.filter((panel): panel is Panel => 'targets' in panel)
}

/** All that a dashboard asks Prometheus. */
export function expressionsOf(dashboard: Dashboard): string[] {
  return panelsOf(dashboard).flatMap(({ targets = [] }) =>
    targets.flatMap((target) => ('expr' in target ? [String(target.expr)] : [])),
  )
}
