import { least, most, risen, series } from '../dashboards/prometheus/expressions.ts'
import type { Alert } from './alert.ts'

/** What threatens the history of communities. */
export const historyAlerts: readonly Alert[] = [
  {
    name: 'AnnalsArchiveLate',
    severity: 'warning',
    value: most('mostWeeksBehind'),
    isWrong: '>= 1',
    forMinutes: 360,
    summary: 'A community has waited for its archive for hours; intervals that are not sealed: {{ $value }}',
    cases: [
      {
        name: 'an interval that nobody seals',
        series: { [series('mostWeeksBehind')]: '0x10 1x500' },
        atMinutes: 375,
        fires: { summary: 'A community has waited for its archive for hours; intervals that are not sealed: 1' },
      },
      {
        name: 'an interval that is sealed an hour after its end',
        series: { [series('mostWeeksBehind')]: '0x10 1x60 0x500' },
        atMinutes: 60,
      },
    ],
  },
  {
    name: 'AnnalsArchivesFarBehind',
    severity: 'critical',
    value: most('mostWeeksBehind'),
    isWrong: '>= 2',
    forMinutes: 60,
    summary: 'A community is {{ $value }} intervals behind: what the network forgets is lost for those who come new',
    cases: [
      {
        name: 'a second interval that is not sealed',
        series: { [series('mostWeeksBehind', { instance: 'a' })]: '2x200', [series('mostWeeksBehind')]: '1x200' },
        atMinutes: 61,
        fires: {
          summary: 'A community is 2 intervals behind: what the network forgets is lost for those who come new',
        },
      },
      { name: 'one interval that is not sealed', series: { [series('mostWeeksBehind')]: '1x200' }, atMinutes: 120 },
      {
        name: 'archives that are caught up on',
        series: { [series('mostWeeksBehind')]: '6x30 1x10 0x100' },
        atMinutes: 25,
      },
    ],
  },
  {
    name: 'AnnalsDueWorkWaits',
    severity: 'warning',
    value: most('oldestDue', { by: ['annals.due.kind'] }),
    isWrong: '> 1800',
    forMinutes: 15,
    summary: 'The oldest of due {{ $labels.annals_due_kind }} has waited for {{ $value | humanizeDuration }}',
    cases: [
      {
        name: 'announcements that nobody sends',
        series: { [series('oldestDue', { 'annals.due.kind': 'announcements' })]: '0+60x100' },
        atMinutes: 60,
        fires: {
          labels: { annals_due_kind: 'announcements' },
          summary: 'The oldest of due announcements has waited for 1h 0m 0s',
        },
      },
      {
        name: 'a rush that takes twenty minutes',
        series: { [series('oldestDue', { 'annals.due.kind': 'schedules' })]: '0+120x20 0x80' },
        atMinutes: 20,
      },
    ],
  },
  {
    name: 'AnnalsCommunityUnseeded',
    severity: 'critical',
    value: least('fewestSeeders'),
    isWrong: '< 1',
    forMinutes: 15,
    summary: 'There is a community whose newest archives no seeder serves',
    cases: [
      {
        name: 'a community without a seeder',
        series: { [series('fewestSeeders', { instance: 'a' })]: '1x5 0x60' },
        atMinutes: 25,
        fires: { summary: 'There is a community whose newest archives no seeder serves' },
      },
      {
        name: 'a seeder that is restarted',
        series: { [series('fewestSeeders', { instance: 'a' })]: '1x5 0x5 1x60' },
        atMinutes: 10,
      },
    ],
  },
  {
    name: 'AnnalsArchivesUnreachable',
    severity: 'critical',
    value: most('unreachableCommunities'),
    isWrong: '> 0',
    forMinutes: 15,
    summary: 'Communities whose newest archive a stranger cannot fetch: {{ $value }}',
    cases: [
      {
        name: 'archives that are out of reach',
        series: { [series('unreachableCommunities', { instance: 'a' })]: '0x5 3x60' },
        atMinutes: 25,
        fires: { summary: 'Communities whose newest archive a stranger cannot fetch: 3' },
      },
      {
        name: 'archives that are within reach again soon',
        series: { [series('unreachableCommunities', { instance: 'a' })]: '0x5 3x10 0x60' },
        atMinutes: 25,
      },
    ],
  },
  {
    name: 'AnnalsMessagesTooLarge',
    severity: 'warning',
    value: risen('leftOutMessages', '6h'),
    isWrong: '> 0',
    forMinutes: 0,
    summary: 'Messages of the last hours that are too large for any archive: {{ $value | printf "%.0f" }}',
    cases: [
      {
        name: 'the first one that a process meets',
        series: { [series('leftOutMessages')]: '_x5 1x20' },
        atMinutes: 20,
        fires: { summary: 'Messages of the last hours that are too large for any archive: 1' },
      },
      {
        name: 'one that was long ago',
        series: { [series('leftOutMessages')]: '1x400' },
        atMinutes: 365,
      },
    ],
  },
]
