import { startPrometheus } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { describe, expect, it, vi } from 'vitest'
import { askedExpressions } from '../testing/asked-expressions.ts'
import { queryPrometheus, QueryRefusedError, unanswered } from '../testing/query-prometheus.ts'
import { madeUpCommunity, serveMadeUpMetrics } from './testing/made-up-metrics.ts'

const limit = { timeout: 120_000, interval: 200 }

describe('what dashboards and alerts ask', () => {
  it('is answered by a Prometheus that has every metric', async (test) => {
    await using metrics = await serveMadeUpMetrics()
    await using prometheus = await startOrSkip(test, () =>
      startPrometheus({ targets: [metrics.address], scrapeMilliseconds: 100 }),
    )
    const asked = askedExpressions(madeUpCommunity).filter(({ silentBecause }) => silentBecause === undefined)
    await vi.waitFor(async () => expect(await unanswered(prometheus.url, asked)).toStrictEqual([]), limit)
    // It does notice what is not there, and what cannot be asked.
    const others = ['annals_not_told', 'annals_due_age_seconds{annals_due_kind="none"}']
    for (const expression of others) expect(await queryPrometheus(prometheus.url, expression)).toStrictEqual([])
    await expect(queryPrometheus(prometheus.url, 'sum (')).rejects.toThrow(QueryRefusedError)
  })
})
