import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { newDashboard, toCommunity } from './panels/new-dashboard.ts'
import { stat, table, timeSeries } from './panels/panel.ts'
import { legend, least, most, perSecond, risen, series, total, worst } from './prometheus/expressions.ts'

/** Where every community's history stands. */
export function overview(): Dashboard {
  return newDashboard('annals-overview', 'Annals: overview', 'Where the history of every community stands.')
    .withPanel(
      stat({
        title: 'How far behind is the furthest?',
        description:
          'Intervals (weeks) that should be sealed by now and are not, of the community that is furthest behind. 0 is right; 1 for a while after an interval ended.',
        unit: 'none',
        queries: [{ expression: most('mostWeeksBehind'), legend: 'intervals' }],
      }),
    )
    .withPanel(
      stat({
        title: 'How long does the oldest wait?',
        description:
          'The time for which the oldest of what is due has waited: a schedule, an announcement or a download.',
        unit: 's',
        queries: [{ expression: most('oldestDue'), legend: 'oldest' }],
      }),
    )
    .withPanel(
      stat({
        title: 'Who is seeded least?',
        description: 'Seeders of the community that has the fewest. With 0 no member can fetch its history from here.',
        unit: 'none',
        queries: [{ expression: least('fewestSeeders'), legend: 'seeders' }],
      }),
    )
    .withPanel(
      stat({
        title: 'How many can strangers not fetch?',
        description:
          'Communities whose newest archive did not come, twice in a row, to who had the magnet link alone. 0 is right.',
        unit: 'none',
        queries: [{ expression: most('unreachableCommunities'), legend: 'communities' }],
      }),
    )
    .withPanel(
      stat({
        title: 'How many events were given up?',
        description: 'Dead letters: each waits for a person (annals dead-letters list). 0 is right.',
        unit: 'none',
        queries: [{ expression: most('deadLetters'), legend: 'dead letters' }],
      }),
    )
    .withPanel(
      stat({
        title: 'How many communities?',
        description: 'Communities that are archived here.',
        unit: 'none',
        queries: [{ expression: most('archivingCommunities'), legend: 'communities' }],
      }),
    )
    .withPanel(
      stat({
        title: 'How many processes?',
        description: 'Processes that told of themselves within the last minutes.',
        unit: 'none',
        queries: [{ expression: `count(${series('processUptime')})`, legend: 'processes' }],
      }),
    )
    .withPanel(
      table({
        title: 'Where does each community stand?',
        description:
          'The worst communities, as many as ANNALS_METRIC_COMMUNITIES says. A community that is not in it is no worse than those that are.',
        unit: 'none',
        queries: [
          { expression: most('weeksBehind', { by: ['annals.community.id'] }), legend: 'intervals behind' },
          { expression: most('seeders', { by: ['annals.community.id'] }), legend: 'seeders' },
          { expression: `sum by (annals_community_id) (${series('swarmPeers')})`, legend: 'peers' },
        ],
        link: toCommunity,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Which communities are behind?',
        description: 'Intervals (weeks) that should be sealed by now and are not, of the 20 that are furthest behind.',
        unit: 'none',
        queries: [
          {
            expression: worst(20, most('weeksBehind', { by: ['annals.community.id'] })),
            legend: legend('weeksBehind', 'annals.community.id'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Which communities have the fewest seeders?',
        description:
          'Seeders of this installation that serve the newest torrent, of the 20 communities with the fewest.',
        unit: 'none',
        queries: [
          {
            expression: worst(20, most('seeders', { by: ['annals.community.id'] }), 'bottom'),
            legend: legend('seeders', 'annals.community.id'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'For how long has the oldest waited, of each kind?',
        description:
          'Minutes are usual after the end of an interval with many communities. What rises in a straight line is not taken up by anybody.',
        unit: 's',
        queries: [
          {
            expression: most('oldestDue', { by: ['annals.due.kind'] }),
            legend: legend('oldestDue', 'annals.due.kind'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How many archives were made within a day?',
        description: 'Each community has one more each interval in which there were messages.',
        unit: 'none',
        queries: [{ expression: risen('sealedArchives', '1d'), legend: 'archives' }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How many messages were sealed within a day, and how many are too large?',
        description:
          'A message that is too large for any archive stays in the store of messages and reaches no member.',
        unit: 'none',
        queries: [
          { expression: risen('sealedMessages', '1d'), legend: 'sealed' },
          { expression: risen('leftOutMessages', '1d'), legend: 'too large' },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How large were the archives of a day?',
        description: 'With padding: what seeders keep on their disks and members fetch.',
        unit: 'bytes',
        queries: [{ expression: risen('sealedBytes', '1d'), legend: 'sealed' }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How many announcements went out within an hour?',
        description: 'New ones, and those that say again what was said (ANNALS_REPEAT_SECONDS).',
        unit: 'none',
        queries: [
          {
            expression: risen('announcementsSent', '1h', { by: ['annals.announcement.repeated'] }),
            legend: `repeated: ${legend('announcementsSent', 'annals.announcement.repeated')}`,
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Would members who come now find the announcements?',
        description:
          'What looks at announcement chats came to within an hour (ANNALS_PROBE_SECONDS). One that is missing is sent again at once.',
        unit: 'none',
        queries: [
          {
            expression: risen('announcementProbes', '1h', { by: ['annals.probe.outcome'] }),
            legend: legend('announcementProbes', 'annals.probe.outcome'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'What becomes of fetching as a stranger?',
        description:
          'Looks a second with nothing but a magnet link, by how far they came, over six hours (ANNALS_FETCH_PROBE_SECONDS). One that failed is made again soon.',
        unit: 'ops',
        queries: [
          {
            expression: perSecond('reachProbes', '6h', { by: ['annals.reach.outcome'] }, 'count'),
            legend: legend('reachProbes', 'annals.reach.outcome'),
          },
          {
            expression: perSecond('webSeedProbes', '6h', { by: ['annals.reach.outcome'] }),
            legend: `web seed: ${legend('webSeedProbes', 'annals.reach.outcome')}`,
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Which announcements that came within an hour count, and why not?',
        description:
          'Refusals for an old clock are usual: old announcements are read again. One by the wrong signer never is.',
        unit: 'none',
        queries: [
          { expression: risen('announcementsTaken', '1h'), legend: 'counts' },
          {
            expression: risen('announcementsRefused', '1h', { by: ['annals.refusal.reason'] }),
            legend: legend('announcementsRefused', 'annals.refusal.reason'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How many events were given up, over time?',
        description: 'Dead letters that wait for a person.',
        unit: 'none',
        queries: [{ expression: most('deadLetters'), legend: 'dead letters' }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How much is sent to members?',
        description:
          'Bytes of torrents a second: pieces, of all seeders together, and files over HTTP, of all gateways.',
        unit: 'Bps',
        queries: [
          { expression: perSecond('uploadedBytes', '$__rate_interval'), legend: 'by seeders' },
          { expression: perSecond('webSeedBytes', '$__rate_interval'), legend: 'over HTTP' },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How many find each other by the tracker?',
        description:
          'Peers of all torrents, by how they are reached; and what was refused in the last five minutes, and why.',
        unit: 'none',
        queries: [
          {
            expression: total('trackerPeers', { by: ['annals.peer.kind'] }),
            legend: `peers: ${legend('trackerPeers', 'annals.peer.kind')}`,
          },
          {
            expression: risen('trackerRefused', '5m', { by: ['annals.refusal.reason'] }),
            legend: `refused: ${legend('trackerRefused', 'annals.refusal.reason')}`,
          },
        ],
      }),
    )
    .build()
}
