import { most, series } from '../dashboards/prometheus/expressions.ts'
import type { Alert } from './alert.ts'

const archiver = { job: 'annals-archiver', instance: 'archiver-0' } as const
const labels = { job: 'annals-archiver', instance: 'archiver-0' }
const ofProcess = { by: ['job', 'instance'] } as const

/** What happens to the processes. */
export const processAlerts: readonly Alert[] = [
  {
    name: 'AnnalsNothingTold',
    severity: 'critical',
    value: `absent(${series('processUptime')})`,
    isWrong: '',
    forMinutes: 10,
    summary: 'No process of Annals tells anything: either none runs, or nobody hears them',
    silentBecause: 'it is there only where nothing else is',
    cases: [
      {
        name: 'an installation that ended',
        series: { [series('processUptime', archiver)]: '0+60x20' },
        atMinutes: 60,
        fires: { summary: 'No process of Annals tells anything: either none runs, or nobody hears them' },
      },
      { name: 'one process that tells', series: { [series('processUptime', archiver)]: '0+60x60' }, atMinutes: 60 },
    ],
  },
  {
    name: 'AnnalsServiceSilent',
    severity: 'critical',
    value: `group by (job) (max_over_time(${series('processUptime')}[1d])) unless group by (job) (${series('processUptime')})`,
    isWrong: '',
    forMinutes: 10,
    summary: '{{ $labels.job }} told of itself within the last day, and no process of it does any more',
    silentBecause: 'a service that tells is left out',
    cases: [
      {
        name: 'the only archiver that ended',
        series: {
          [series('processUptime', archiver)]: '0+60x20',
          [series('processUptime', { job: 'annals-seeder', instance: 'seeder-0' })]: '0+60x100',
        },
        atMinutes: 60,
        fires: {
          labels: { job: 'annals-archiver' },
          summary: 'annals-archiver told of itself within the last day, and no process of it does any more',
        },
      },
      {
        name: 'one of two archivers that ended',
        series: {
          [series('processUptime', archiver)]: '0+60x20',
          [series('processUptime', { ...archiver, instance: 'archiver-1' })]: '0+60x100',
        },
        atMinutes: 60,
      },
    ],
  },
  {
    name: 'AnnalsProcessRestarts',
    severity: 'warning',
    value: `max by (job, instance) (resets(${series('processUptime')}[1h]))`,
    isWrong: '> 3',
    forMinutes: 0,
    summary: '{{ $labels.job }} {{ $labels.instance }} began anew within an hour, times: {{ $value }}',
    cases: [
      {
        name: 'a process that ends every ten minutes',
        series: { [series('processUptime', archiver)]: '0+60x9 0+60x9 0+60x9 0+60x9 0+60x9 0+60x9' },
        atMinutes: 58,
        fires: { labels, summary: 'annals-archiver archiver-0 began anew within an hour, times: 5' },
      },
      {
        name: 'a process that is replaced once',
        series: { [series('processUptime', archiver)]: '0+60x29 0+60x60' },
        atMinutes: 58,
      },
    ],
  },
  {
    name: 'AnnalsEventLoopStuck',
    severity: 'warning',
    value: most('eventLoopDelay', ofProcess),
    isWrong: '> 1',
    forMinutes: 10,
    summary:
      '{{ $labels.job }} {{ $labels.instance }} stands still for {{ $value | humanizeDuration }} again and again',
    cases: [
      {
        name: 'a process that has too much to do',
        series: { [series('eventLoopDelay', archiver)]: '0.02x5 3x60' },
        atMinutes: 30,
        fires: { labels, summary: 'annals-archiver archiver-0 stands still for 3s again and again' },
      },
      {
        name: 'a process that stands still once',
        series: { [series('eventLoopDelay', archiver)]: '0.02x5 3x2 0.02x60' },
        atMinutes: 8,
      },
    ],
  },
]
