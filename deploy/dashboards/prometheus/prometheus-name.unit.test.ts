import { describe, expect, it } from 'vitest'
import { prometheusLabel, prometheusName, UnknownUnitError } from './prometheus-name.ts'

describe('the name of a metric in Prometheus', () => {
  it.for([
    ['annals.archive.behind', 'gauge', '{interval}', 'annals_archive_behind'],
    ['annals.archive.behind.max', 'gauge', '{interval}', 'annals_archive_behind_max'],
    ['annals.due.age', 'gauge', 's', 'annals_due_age_seconds'],
    ['annals.archive.sealed', 'counter', '{archive}', 'annals_archive_sealed_total'],
    ['annals.archive.sealed.size', 'counter', 'By', 'annals_archive_sealed_size_bytes_total'],
    ['annals.fetch.duration', 'histogram', 's', 'annals_fetch_duration_seconds'],
    ['nodejs.eventloop.utilization', 'gauge', '1', 'nodejs_eventloop_utilization_ratio'],
    ['requests.total.failed', 'counter', '1', 'requests_failed_total'],
    ['hit.ratio', 'gauge', '1', 'hit_ratio'],
    ['uptime.seconds.of-process', 'gauge', 's', 'uptime_seconds_of_process'],
    ['a..b__c', 'gauge', '', 'a_b_c'],
    ['5xx', 'counter', '1', '_5xx_total'],
  ] as const)('of %s, a %s in %s, is %4$s', ([name, kind, unit, expected]) => {
    expect(prometheusName({ name, kind, unit })).toBe(expected)
  })

  it('is refused for a unit that nobody has said anything of', () => {
    const named = { name: 'a.distance', kind: 'gauge', unit: 'm' } as const
    expect(() => prometheusName(named)).toThrow(UnknownUnitError)
    expect(() => prometheusName(named)).toThrow(expect.objectContaining({ metric: 'a.distance', unit: 'm' }))
  })
})

describe('the name of an attribute in Prometheus', () => {
  it('has underscores for dots', () => {
    expect(prometheusLabel('messaging.consumer.group.name')).toBe('messaging_consumer_group_name')
  })
})
