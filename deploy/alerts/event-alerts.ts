import { most, perSecond, series, share } from '../dashboards/prometheus/expressions.ts'
import type { Alert } from './alert.ts'

const byConsumer = { by: ['messaging.consumer.group.name'] } as const
const archiver = { 'messaging.consumer.group.name': 'archiver' } as const
const labels = { messaging_consumer_group_name: 'archiver' }
const ofJob = { ...archiver, job: 'annals-archiver' } as const

/** What happens to the events of the log. */
export const eventAlerts: readonly Alert[] = [
  {
    name: 'AnnalsDeadLetters',
    severity: 'warning',
    value: most('deadLetters'),
    isWrong: '> 0',
    forMinutes: 5,
    summary: 'Events that were given up and wait for a person: {{ $value }}',
    cases: [
      {
        name: 'events that were given up',
        series: {
          [series('deadLetters', { instance: 'a' })]: '0x5 3x60',
          [series('deadLetters', { instance: 'b' })]: '0x5 3x60',
        },
        atMinutes: 20,
        fires: { summary: 'Events that were given up and wait for a person: 3' },
      },
      { name: 'no events', series: { [series('deadLetters')]: '0x60' }, atMinutes: 20 },
      { name: 'events that were replayed', series: { [series('deadLetters')]: '2x15 0x60' }, atMinutes: 20 },
    ],
  },
  {
    name: 'AnnalsConsumerStandsStill',
    severity: 'critical',
    value: `(${most('consumerLag', byConsumer)} unless (${perSecond('handlingDuration', '30m', byConsumer, 'count')} > 0))`,
    isWrong: '> 0',
    forMinutes: 15,
    summary: '{{ $labels.messaging_consumer_group_name }} has {{ $value }} events before it and handles none',
    silentBecause: 'a consumer that handles events is left out',
    cases: [
      {
        name: 'a consumer that handled events once',
        series: {
          [series('consumerLag', archiver)]: '0x10 5x200',
          [series('handlingDuration', ofJob, 'count')]: '0+1x10 10x200',
        },
        atMinutes: 80,
        fires: { labels, summary: 'archiver has 5 events before it and handles none' },
      },
      {
        name: 'a consumer that has never handled an event',
        series: { [series('consumerLag', archiver)]: '5x200' },
        atMinutes: 20,
        fires: { labels, summary: 'archiver has 5 events before it and handles none' },
      },
      {
        name: 'a consumer that works off a long row',
        series: {
          [series('consumerLag', archiver)]: '500-1x200',
          [series('handlingDuration', ofJob, 'count')]: '0+1x200',
        },
        atMinutes: 100,
      },
      {
        name: 'a consumer that has nothing to do',
        series: { [series('consumerLag', archiver)]: '0x200' },
        atMinutes: 100,
      },
    ],
  },
  {
    name: 'AnnalsConsumerBehind',
    severity: 'warning',
    value: most('consumerLag', byConsumer),
    isWrong: '> 1000',
    forMinutes: 30,
    summary: '{{ $labels.messaging_consumer_group_name }} has {{ $value }} events before it, for half an hour and more',
    cases: [
      {
        name: 'a row that grows',
        series: { [series('consumerLag', archiver)]: '0+100x100' },
        atMinutes: 50,
        fires: { labels, summary: 'archiver has 5000 events before it, for half an hour and more' },
      },
      {
        name: 'a rush that is worked off',
        series: { [series('consumerLag', archiver)]: '5000-250x19 0x100' },
        atMinutes: 15,
      },
    ],
  },
  {
    name: 'AnnalsHandlingFails',
    severity: 'warning',
    value: share(
      perSecond('handlingDuration', '15m', { ...byConsumer, where: { 'error.type': { not: '' } } }, 'count'),
      perSecond('handlingDuration', '15m', byConsumer, 'count'),
    ),
    isWrong: '> 0.1',
    forMinutes: 30,
    summary:
      '{{ $labels.messaging_consumer_group_name }} fails with {{ $value | humanizePercentage }} of what it handles',
    silentBecause: 'no handling fails while all is well',
    cases: [
      {
        name: 'every other event that fails',
        series: {
          [series('handlingDuration', { ...ofJob, 'error.type': 'StorageUnavailableError' }, 'count')]: '0+2x100',
          [series('handlingDuration', ofJob, 'count')]: '0+2x100',
        },
        atMinutes: 60,
        fires: { labels, summary: 'archiver fails with 50% of what it handles' },
      },
      {
        name: 'a minute of failures',
        series: {
          [series('handlingDuration', { ...ofJob, 'error.type': 'StorageUnavailableError' }, 'count')]: '0x10 5x100',
          [series('handlingDuration', ofJob, 'count')]: '0+2x100',
        },
        atMinutes: 20,
      },
    ],
  },
]
