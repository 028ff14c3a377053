import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dashboards } from './dashboards.ts'
import { queried, seriesName, type MetricKey } from './prometheus/queried-metrics.ts'
import { expressionsOf, panelsOf } from './testing/panels-of.ts'

const telemetryPage = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'telemetry.md'), 'utf8')

describe.for(dashboards)('the dashboard $uid', (dashboard) => {
  it('says of each panel what it answers, in what unit, and how to read it', () => {
    const panels = panelsOf(dashboard)
    expect(panels.length).toBeGreaterThan(5)
    for (const { title, description, fieldConfig } of panels) {
      expect(title).toMatch(/^[A-Z].+(\?|\.)$/)
      expect(description).toMatch(/^.{20,}\.$/s)
      expect(fieldConfig?.defaults.unit).toMatch(/^\w+$/)
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
  })

  it('searches for traces by spans and attributes that are documented', () => {
    const targets = panelsOf(dashboard).flatMap(
      ({ targets = [] }) => targets as { operation?: string; tags?: string }[],
    )
    const names = targets.flatMap(({ operation, tags = '' }) => [
      ...(operation === undefined ? [] : [operation]),
      ...[...tags.matchAll(/(\S+)=/g)].map(([, attribute = '']) => attribute),
    ])
    expect(names.filter((name) => !telemetryPage.includes(`\`${name}\``))).toStrictEqual([])
  })
})

describe('dashboards', () => {
  it('show every metric that is told', () => {
    const shown = dashboards.flatMap(expressionsOf).join('\n')
    const missing = (Object.keys(queried) as MetricKey[]).filter((key) => !shown.includes(seriesName(key)))
    expect(missing).toStrictEqual([])
  })
})
