import { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard'

const uids = ['annals-overview', 'annals-community', 'annals-archive-way', 'annals-engines'] as const

export type DashboardUid = (typeof uids)[number]

/** From a row about a community to its own dashboard. */
export const toCommunity = {
  title: 'This community',
  url: `/d/${'annals-community' satisfies DashboardUid}?var-community=\${__value.text}`,
}

export function newDashboard(uid: DashboardUid, title: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['annals'])
    .readonly()
    .time({ from: 'now-24h', to: 'now' })
    .refresh('1m')
    .timezone('browser')
}
