import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { communityVariable } from './panels/community-variable.ts'
import { newDashboard } from './panels/new-dashboard.ts'
import { stat, timeSeries } from './panels/panel.ts'
import { traceTable } from './panels/trace-panels.ts'
import { most, series } from './prometheus/expressions.ts'

const where = { 'annals.community.id': '$community' } as const
const onlyTheWorst =
  'Empty where the community is not among the worst (ANNALS_METRIC_COMMUNITIES): then all is well with it.'

/** One community. */
export function community(): Dashboard {
  const peers = `sum(${series('swarmPeers', where)})`
  return newDashboard('annals-community', 'Annals: a community', 'Where the history of one community stands.')
    .withVariable(communityVariable())
    .withPanel(
      stat({
        title: 'How far behind is it?',
        description: `Intervals (weeks) that should be sealed by now and are not. ${onlyTheWorst}`,
        unit: 'none',
        queries: [{ expression: most('weeksBehind', { where }), legend: 'intervals' }],
      }),
    )
    .withPanel(
      stat({
        title: 'How many seeders has it?',
        description: `Seeders of this installation that serve its newest torrent. ${onlyTheWorst}`,
        unit: 'none',
        queries: [{ expression: most('seeders', { where }), legend: 'seeders' }],
      }),
    )
    .withPanel(
      stat({
        title: 'How many peers are in its swarm?',
        description: 'Peers that the processes of this installation are connected to for it.',
        unit: 'none',
        queries: [{ expression: peers, legend: 'peers' }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How far behind was it?',
        description: 'A step up is the end of an interval, the step down its archive.',
        unit: 'none',
        queries: [{ expression: most('weeksBehind', { where }), legend: 'intervals behind' }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Who served it, and to how many?',
        description: 'Seeders of this installation, and peers that they were connected to.',
        unit: 'none',
        queries: [
          { expression: most('seeders', { where }), legend: 'seeders' },
          { expression: peers, legend: 'peers' },
        ],
      }),
    )
    .withPanel(
      traceTable(
        {
          title: 'Which archives became due?',
          description: 'Each is one trace, from the clock to the copies of members.',
        },
        {
          service: 'annals-scheduler',
          attributes: { 'annals.event.name': 'ArchiveDue', 'annals.community.id': '$community' },
        },
      ),
    )
    .withPanel(
      traceTable(
        {
          title: 'Which archives were brought?',
          description: 'Tries of members of this installation to fetch what was announced.',
        },
        { service: 'annals-fetcher', span: 'bring archives', attributes: { 'annals.community.id': '$community' } },
      ),
    )
    .withPanel(
      traceTable(
        {
          title: 'Which announcements were repeated?',
          description: 'Each is a trace of its own, linked to that of the first one.',
        },
        {
          service: 'annals-magnet-dispatcher',
          span: 'repeat announcement',
          attributes: { 'annals.community.id': '$community' },
        },
      ),
    )
    .build()
}
