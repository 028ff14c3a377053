import { describe, expect, it } from 'vitest'
import { instruments } from './instruments.ts'
import type { CounterName, GaugeName, HistogramName } from './instruments.ts'
import { startOtlpReceiver, telemetryTo } from './testing/index.ts'

describe('metrics', () => {
  it('go out under their names, with their units', async () => {
    await using receiver = await startOtlpReceiver()
    {
      await using telemetry = await telemetryTo(receiver.endpoint)
      const { metrics } = telemetry
      for (const [key, { kind }] of Object.entries(instruments)) {
        if (kind === 'counter') metrics.add(key as CounterName, 2)
        else if (kind === 'histogram') metrics.record(key as HistogramName, 0.3)
        else metrics.observe((report) => report(key as GaugeName, 7))
      }
    }
    const sent = Object.values(instruments).map(({ name, unit, kind }) => {
      const metric = receiver.metrics.find((each) => each.name === name)
      expect(metric, name).toMatchObject({ unit, value: kind === 'counter' ? 2 : kind === 'gauge' ? 7 : 1 })
      return name
    })
    expect(new Set(receiver.metrics.map(({ name }) => name))).toStrictEqual(new Set(sent))
    expect(receiver.metrics[0]?.resource).toMatchObject({ 'service.name': 'annals', 'service.instance.id': 'one' })
  })

  it('go out also where some of them cannot be looked up', async () => {
    await using receiver = await startOtlpReceiver()
    await using telemetry = await telemetryTo(receiver.endpoint, { traces: false })
    const { metrics } = telemetry
    using _failing = metrics.observe(() => {
      throw new Error('the database is away')
    })
    using _rejecting = metrics.observe(() => Promise.reject(new Error('the database is away')))
    using _there = metrics.observe((report) => report('deadLetters', 3))
    await receiver.until(() => receiver.metrics.some(({ name }) => name === 'annals.deadletter.count'))
    expect(receiver.metrics).toMatchObject([{ name: 'annals.deadletter.count', value: 3 }])
  })

  it('tell of what is observed until it is not any more', async () => {
    await using receiver = await startOtlpReceiver()
    await using telemetry = await telemetryTo(receiver.endpoint)
    const observing = telemetry.metrics.observe((report) => report('deadLetters', 3))
    const count = (): number => receiver.metrics.filter(({ name }) => name === 'annals.deadletter.count').length
    await receiver.until(() => count() > 0)
    observing[Symbol.dispose]()
    telemetry.metrics.add('sealedArchives', 1)
    const [requests, before] = [receiver.requests.length, count()]
    await receiver.until(() => receiver.requests.length > requests + 2)
    expect(count()).toBeLessThanOrEqual(before + 1)
  })
})
