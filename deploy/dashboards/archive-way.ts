import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { TextBoxVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { communityVariable } from './panels/community-variable.ts'
import { newDashboard } from './panels/new-dashboard.ts'
import { timeSeries } from './panels/panel.ts'
import { traceTable, traceView } from './panels/trace-panels.ts'
import { legend, perSecond, quantile, risen } from './prometheus/expressions.ts'

/** The stages that an archive goes through, by consumer; each begins with an event. */
const stages = { 'messaging.consumer.group.name': { like: 'collector|archiver|seeder.*|magnet-dispatcher' } } as const

/** One archive, from the tick of the clock to the member's copy. */
export function archiveWay(): Dashboard {
  return newDashboard('annals-archive-way', "Annals: an archive's way", 'One archive, from the clock to the members.')
    .withVariable(communityVariable())
    .withVariable(
      new TextBoxVariableBuilder('infohash').label('Info hash').description('Of a torrent, 40 hexadecimal digits'),
    )
    .withVariable(
      new TextBoxVariableBuilder('trace').label('Trace').description('The id of a trace, as the tables here show it'),
    )
    .withPanel(
      traceTable(
        {
          title: 'Which archives became due for this community?',
          description: 'Take the id of one as the trace that is shown below.',
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
          title: 'Who brought this torrent?',
          description:
            'By info hash, which is what the traces of a host and of its members have in common where announcements travel on Waku.',
        },
        { service: 'annals-fetcher', span: 'bring archives', attributes: { 'annals.torrent.infohash': '$infohash' } },
      ),
    )
    .withPanel(
      traceView(
        {
          title: 'What happened on its way?',
          description: 'Scheduler, archiver, seeder, dispatcher, and fetchers on channels that carry the trace.',
        },
        '$trace',
      ),
    )
    .withPanel(
      timeSeries({
        title: 'How long does each stage take?',
        description: 'The time that 95 of 100 events are handled within, by the consumer that is the stage.',
        unit: 's',
        queries: [
          {
            expression: quantile(0.95, 'handlingDuration', '1h', {
              by: ['messaging.consumer.group.name'],
              where: stages,
            }),
            legend: legend('handlingDuration', 'messaging.consumer.group.name'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How long does an archive wait before each stage?',
        description: 'The time within which 95 of 100 events are taken up, by the consumer that is the stage.',
        unit: 's',
        queries: [
          {
            expression: quantile(0.95, 'eventWait', '1h', { by: ['messaging.consumer.group.name'], where: stages }),
            legend: legend('eventWait', 'messaging.consumer.group.name'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How long does it take to bring what was announced?',
        description:
          'The time that 95 of 100 tries take, by what came of them. One that fails is tried again, for days.',
        unit: 's',
        queries: [
          {
            expression: quantile(0.95, 'fetchDuration', '1h', { by: ['annals.fetch.outcome'] }),
            legend: legend('fetchDuration', 'annals.fetch.outcome'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'What comes of the tries?',
        description: 'Tries a second. "waiting for a key" ends when a member of the community hands the key on.',
        unit: 'ops',
        queries: [
          {
            expression: perSecond('fetchDuration', '1h', { by: ['annals.fetch.outcome'] }, 'count'),
            legend: legend('fetchDuration', 'annals.fetch.outcome'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How long do the steps within the stages take?',
        description: 'The time that 95 of 100 spans take, by service and span, without those of databases.',
        unit: 's',
        queries: [
          {
            expression: quantile(0.95, 'spanDuration', '1h', {
              by: ['service.name', 'span.name'],
              where: { 'span.kind': { not: 'SPAN_KIND_CLIENT' } },
            }),
            legend: legend('spanDuration', 'service.name', 'span.name'),
          },
        ],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'How many messages arrived at members within a day?',
        description: 'Messages of fetched archives: stored, known before, or set aside because they cannot be read.',
        unit: 'none',
        queries: [
          {
            expression: risen('importedMessages', '1d', { by: ['annals.message.outcome'] }),
            legend: legend('importedMessages', 'annals.message.outcome'),
          },
        ],
      }),
    )
    .build()
}
