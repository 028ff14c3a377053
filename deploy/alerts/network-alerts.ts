import { perSecond, risen, series, share } from '../dashboards/prometheus/expressions.ts'
import type { Alert } from './alert.ts'

const wrongSigner = { 'annals.refusal.reason': 'wrong-signer' } as const
const failed = { 'annals.fetch.outcome': 'failed' } as const

/** What comes from others, or does not. */
export const networkAlerts: readonly Alert[] = [
  {
    name: 'AnnalsWrongSigner',
    severity: 'warning',
    value: risen('announcementsRefused', '1h', { where: wrongSigner }),
    isWrong: '> 0',
    forMinutes: 0,
    summary: 'Announcements of the last hour that were not signed by their community: {{ $value | printf "%.0f" }}',
    silentBecause: 'no announcement has a wrong signer while all is well',
    cases: [
      {
        name: 'the first one that a process hears',
        series: { [series('announcementsRefused', wrongSigner)]: '_x5 1x20' },
        atMinutes: 10,
        fires: { summary: 'Announcements of the last hour that were not signed by their community: 1' },
      },
      {
        name: 'announcements that are refused because they are repeated',
        series: { [series('announcementsRefused', { 'annals.refusal.reason': 'old-clock' })]: '0+5x200' },
        atMinutes: 100,
      },
      {
        name: 'one that was hours ago',
        series: { [series('announcementsRefused', wrongSigner)]: '1x200' },
        atMinutes: 65,
      },
    ],
  },
  {
    name: 'AnnalsFetchesFail',
    severity: 'warning',
    value: share(
      perSecond('fetchDuration', '1h', { where: failed }, 'count'),
      perSecond('fetchDuration', '1h', {}, 'count'),
    ),
    isWrong: '> 0.5',
    forMinutes: 60,
    summary: '{{ $value | humanizePercentage }} of the tries to bring archives fail',
    silentBecause: 'no try fails while all is well',
    cases: [
      {
        name: 'three of four tries that fail',
        series: {
          [series('fetchDuration', failed, 'count')]: '0+3x300',
          [series('fetchDuration', { 'annals.fetch.outcome': 'done' }, 'count')]: '0+1x300',
        },
        atMinutes: 150,
        fires: { summary: '75% of the tries to bring archives fail' },
      },
      {
        name: 'one of four tries that fails',
        series: {
          [series('fetchDuration', failed, 'count')]: '0+1x300',
          [series('fetchDuration', { 'annals.fetch.outcome': 'done' }, 'count')]: '0+3x300',
        },
        atMinutes: 150,
      },
    ],
  },
  {
    name: 'AnnalsStoresUnanswered',
    severity: 'warning',
    value: risen('syncsGivenUp', '6h'),
    isWrong: '> 0',
    forMinutes: 0,
    summary: 'No Waku store answered; history syncs of the last hours that were given up: {{ $value | printf "%.0f" }}',
    silentBecause: 'the counter begins with the first sync that is given up',
    cases: [
      {
        name: 'the first sync that a process gives up',
        series: { [series('syncsGivenUp')]: '_x5 1x20' },
        atMinutes: 20,
        fires: { summary: 'No Waku store answered; history syncs of the last hours that were given up: 1' },
      },
      { name: 'one that was long ago', series: { [series('syncsGivenUp')]: '2x400' }, atMinutes: 365 },
    ],
  },
]
