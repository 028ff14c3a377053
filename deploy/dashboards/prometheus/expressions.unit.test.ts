import { describe, expect, it } from 'vitest'
import { least, legend, most, perSecond, quantile, risen, series, share, worst } from './expressions.ts'

describe('expressions', () => {
  it('name a metric, and choose among its series by its attributes', () => {
    expect(series('weeksBehind')).toBe('annals_archive_behind')
    expect(series('oldestDue', { 'annals.due.kind': 'schedules' })).toBe(
      'annals_due_age_seconds{annals_due_kind="schedules"}',
    )
    expect(series('announcementsRefused', { 'annals.refusal.reason': { not: 'a"b' } })).toBe(
      String.raw`annals_announcement_refused_total{annals_refusal_reason!="a\"b"}`,
    )
    expect(series('fetchDuration', { 'annals.fetch.outcome': { like: 'a|b' } }, 'count')).toBe(
      'annals_fetch_duration_seconds_count{annals_fetch_outcome=~"a|b"}',
    )
  })

  it('take of a metric that others may tell as well only what is ours', () => {
    expect(series('processUptime')).toBe('process_uptime_seconds{job=~"annals.*"}')
    expect(series('processUptime', { job: 'annals-seeder' })).toBe('process_uptime_seconds{job="annals-seeder"}')
  })

  it('bring the values of several processes together', () => {
    expect(most('seeders', { by: ['annals.community.id'] })).toBe(
      'max by (annals_community_id) (annals_seeding_seeders)',
    )
    expect(least('fewestSeeders')).toBe('min (annals_seeding_seeders_min)')
    expect(perSecond('uploadedBytes', '5m', { by: ['job', 'instance'] })).toBe(
      'sum by (job, instance) (rate(annals_seeding_uploaded_bytes_total[5m]))',
    )
    expect(quantile(0.95, 'eventWait', '1h', { by: ['messaging.consumer.group.name'] })).toBe(
      'histogram_quantile(0.95, sum by (le, messaging_consumer_group_name) (rate(annals_event_wait_seconds_bucket[1h])))',
    )
    expect(worst(3, 'x', 'bottom')).toBe('bottomk(3, x)')
    expect(share('x', 'y')).toBe('x / (y > 0)')
    expect(legend('eventWait', 'messaging.consumer.group.name', 'job')).toBe(
      '{{messaging_consumer_group_name}} {{job}}',
    )
  })

  it('do not pass the type check with a metric, an attribute or a kind that there is not', () => {
    const refused = [
      // @ts-expect-error -- no such metric
      () => series('monthsBehind'),
      // @ts-expect-error -- a metric without this attribute
      () => series('weeksBehind', { 'annals.due.kind': 'schedules' }),
      // @ts-expect-error -- the same for a grouping
      () => most('deadLetters', { by: ['annals.community.id'] }),
      // @ts-expect-error -- a gauge has no rate
      () => perSecond('deadLetters', '5m'),
    ]
    expect(refused).toHaveLength(4)
  })

  it('count what a counter begins with as risen', () => {
    expect(risen('syncsGivenUp', '1d')).toBe(
      'sum ((annals_store_unanswered_total unless annals_store_unanswered_total offset 1d) or increase(annals_store_unanswered_total[1d]))',
    )
  })
})
