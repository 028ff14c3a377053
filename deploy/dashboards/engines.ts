import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { newDashboard } from './panels/new-dashboard.ts'
import { timeSeries } from './panels/panel.ts'
import { legend, most, perSecond, quantile, risen, series, share, total } from './prometheus/expressions.ts'

const interval = '$__rate_interval'
const ofProcess = ['job', 'instance'] as const
const byConsumer = ['messaging.consumer.group.name'] as const
const databases = { 'span.kind': 'SPAN_KIND_CLIENT' } as const
const failed = { 'error.type': { not: '' } } as const

/** What the services stand on: log, databases, network, processes. */
export function engines(): Dashboard {
  return newDashboard('annals-engines', 'Annals: engines', 'Log, databases, network and processes.')
    .withPanel(
      timeSeries({
        title: 'How many events has each consumer not handled yet?',
        description: 'What does not go down again belongs to a consumer that is too slow, or stands still.',
        unit: 'none',
        queries: [
          {
            expression: most('consumerLag', { by: byConsumer }),
            legend: legend('consumerLag', ...byConsumer),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How long do events lie in the log before they are taken up?',
        description: 'The time within which 95 of 100 events are taken up for the first time.',
        unit: 's',
        queries: [
          {
            expression: quantile(0.95, 'eventWait', interval, { by: byConsumer }),
            legend: legend('eventWait', ...byConsumer),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How long does handling an event take?',
        description: 'The time that 95 of 100 events are handled within.',
        unit: 's',
        queries: [
          {
            expression: quantile(0.95, 'handlingDuration', interval, { by: byConsumer }),
            legend: legend('handlingDuration', ...byConsumer),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Which part of the handlings fails?',
        description: 'Each is tried again; after the last try the event is a dead letter.',
        unit: 'percentunit',
        queries: [
          {
            expression: share(
              perSecond('handlingDuration', interval, { by: byConsumer, where: failed }, 'count'),
              perSecond('handlingDuration', interval, { by: byConsumer }, 'count'),
            ),
            legend: legend('handlingDuration', ...byConsumer),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Which events are published?',
        description: 'Events a second, by subject.',
        unit: 'ops',
        queries: [
          {
            expression: perSecond('publishedEvents', interval, { by: ['messaging.destination.name'] }),
            legend: legend('publishedEvents', 'messaging.destination.name'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How long do calls of the databases take?',
        description: 'The time that 95 of 100 calls within a trace take, by operation and collection.',
        unit: 's',
        queries: [
          {
            expression: quantile(0.95, 'spanDuration', interval, { by: ['span.name'], where: databases }),
            legend: legend('spanDuration', 'span.name'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How often are the databases called, and by whom?',
        description: 'Calls a second within traces; looking for something to do is in none.',
        unit: 'ops',
        queries: [
          {
            expression: perSecond('spanDuration', interval, { by: ['service.name'], where: databases }, 'count'),
            legend: legend('spanDuration', 'service.name'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'What comes from the network?',
        description: 'Messages a second that the collector takes: new, known, refused.',
        unit: 'ops',
        queries: [
          {
            expression: perSecond('collectedMessages', interval, { by: ['annals.message.outcome'] }),
            legend: legend('collectedMessages', 'annals.message.outcome'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'What do the Waku stores lack?',
        description:
          'Messages of a day that a store does not have and another one has, and history syncs that no store answered.',
        unit: 'none',
        queries: [
          {
            expression: risen('storeGaps', '1d', { by: ['server.address'] }),
            legend: `missing in ${legend('storeGaps', 'server.address')}`,
          },
          { expression: risen('syncsGivenUp', '1d'), legend: 'syncs given up' },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How many torrents does each process serve?',
        description: 'A seeder that was restarted takes its torrents up again within a minute.',
        unit: 'none',
        queries: [
          { expression: total('seededTorrents', { by: ofProcess }), legend: legend('seededTorrents', ...ofProcess) },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How much goes over the wire of BitTorrent?',
        description: 'Bytes a second, sent by seeders and brought by fetchers.',
        unit: 'Bps',
        queries: [
          {
            expression: perSecond('uploadedBytes', interval, { by: ofProcess }),
            legend: `sent by ${legend('uploadedBytes', ...ofProcess)}`,
          },
          {
            expression: perSecond('fetchedBytes', interval, { by: ofProcess }),
            legend: `brought by ${legend('fetchedBytes', ...ofProcess)}`,
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How much of the processors does each process use?',
        description: '100 % is one processor.',
        unit: 'percentunit',
        queries: [
          {
            expression: perSecond('processCpu', interval, { by: ofProcess }),
            legend: legend('processCpu', ...ofProcess),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How much memory does each process hold?',
        description: 'All of it, and the part that objects take.',
        unit: 'bytes',
        queries: [
          { expression: total('processMemory', { by: ofProcess }), legend: legend('processMemory', ...ofProcess) },
          { expression: total('heapUsed', { by: ofProcess }), legend: `${legend('heapUsed', ...ofProcess)} objects` },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Which part of its time is each event loop busy?',
        description: 'Near 100 % a process does as much as it can: there should be more of it.',
        unit: 'percentunit',
        queries: [
          {
            expression: most('eventLoopUtilization', { by: ofProcess }),
            legend: legend('eventLoopUtilization', ...ofProcess),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How late is each event loop at worst?',
        description: 'What takes seconds here looks like a dead process to others.',
        unit: 's',
        queries: [
          { expression: most('eventLoopDelay', { by: ofProcess }), legend: legend('eventLoopDelay', ...ofProcess) },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Since when does each process run?',
        description: 'A line that falls to zero again and again is a process that ends again and again.',
        unit: 's',
        queries: [{ expression: series('processUptime'), legend: legend('processUptime', ...ofProcess) }],
      }),
    )
    .build()
}
