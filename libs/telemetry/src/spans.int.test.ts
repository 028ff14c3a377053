import { describe, expect, it } from 'vitest'
import { startOtlpReceiver, telemetryTo } from './testing/index.ts'
import { spanWithin } from './tracing.ts'

const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const traceId = given.slice(3, 35)

class DiskFullError extends Error {
  override readonly name = 'DiskFullError'
}

async function failing(): Promise<never> {
  throw new DiskFullError('what somebody wrote')
}

describe('spans', () => {
  it('go out with what they follow from, of the service that they are of', async () => {
    await using receiver = await startOtlpReceiver()
    {
      await using telemetry = await telemetryTo(receiver.endpoint, { resourceAttributes: { 'deployment.name': 'x' } })
      const before = { name: 'before', kind: 'consumer', parent: { traceparent: given } } as const
      await telemetry.tracing('archiver').span(before, async (span) => {
        span.set({ count: 3 })
        await telemetry.tracing('seeder').span({ name: 'within', links: [given, 'nonsense'] }, async () => undefined)
      })
    }
    const [within, before] = receiver.spans
    expect(before).toMatchObject({ traceId, parentSpanId: given.slice(36, 52), name: 'before', kind: 5 })
    expect(before?.attributes).toStrictEqual({ count: 3 })
    expect(before?.resource).toMatchObject({
      'service.name': 'annals-archiver',
      'service.instance.id': 'one',
      'annals.service': 'archiver',
      'deployment.name': 'x',
    })
    expect(within).toMatchObject({ traceId, parentSpanId: before?.spanId, kind: 1, statusCode: 0 })
    expect(within?.links).toStrictEqual([{ traceId, spanId: given.slice(36, 52) }])
    expect(within?.resource).toMatchObject({ 'service.name': 'annals-seeder' })
  })

  it('say of an error its class, and not its text', async () => {
    await using receiver = await startOtlpReceiver()
    {
      await using telemetry = await telemetryTo(receiver.endpoint, { metrics: false })
      const tracing = telemetry.tracing('archiver')
      await expect(tracing.span({ name: 'fails' }, failing)).rejects.toThrow(DiskFullError)
      await expect(tracing.span({ name: 'stops', isFailure: () => false }, failing)).rejects.toThrow(DiskFullError)
    }
    expect(receiver.spans).toMatchObject([
      { name: 'fails', statusCode: 2, attributes: { 'error.type': 'DiskFullError' } },
      { name: 'stops', statusCode: 0, attributes: {} },
    ])
    expect(receiver.requests.some(({ body }) => body.includes('what somebody wrote'))).toBe(false)
  })

  it('of what is published where many things begin are a trace each, linked to where they began', async () => {
    await using receiver = await startOtlpReceiver()
    {
      await using telemetry = await telemetryTo(receiver.endpoint)
      const tracing = telemetry.tracing('scheduler')
      await tracing.span({ name: 'tick', beginsTraces: true }, async () => {
        await tracing.span({ name: 'one', kind: 'producer' }, async () => undefined)
        await tracing.span({ name: 'two', kind: 'producer' }, async () => undefined)
        await spanWithin(
          telemetry.context,
          () => ({ name: 'put', kind: 'client' }),
          async () => undefined,
        )
      })
    }
    const [one, two, put, tick] = receiver.spans
    expect(new Set([one, two, tick].map((span) => span?.traceId)).size).toBe(3)
    for (const span of [one, two])
      expect(span).toMatchObject({ parentSpanId: '', links: [{ traceId: tick?.traceId, spanId: tick?.spanId }] })
    expect(put).toMatchObject({ traceId: tick?.traceId, parentSpanId: tick?.spanId })
  })

  it('of engines are there within another one only, and not where that is not sampled', async () => {
    await using receiver = await startOtlpReceiver()
    {
      await using telemetry = await telemetryTo(receiver.endpoint)
      const tracing = telemetry.tracing('seeder')
      const put = (): Promise<void> =>
        spanWithin(
          telemetry.context,
          () => ({ name: 'put', kind: 'client' }),
          async () => undefined,
        )
      await put()
      await tracing.span({ name: 'looks' }, () => tracing.outside(put))
      const unsampled = { traceparent: given.replace(/01$/, '00') }
      await tracing.span({ name: 'not sampled', parent: unsampled }, async (span) => {
        expect(span.traceparent).toMatch(/-00$/)
        await put()
      })
      await tracing.span({ name: 'works' }, put)
    }
    expect(receiver.spans.map(({ name }) => name)).toStrictEqual(['looks', 'put', 'works'])
  })

  it('are left to the sampler that is named', async () => {
    await using receiver = await startOtlpReceiver()
    for (const [sampler, samplerRatio] of [
      ['always_off', 1],
      ['traceidratio', 0],
      ['parentbased_traceidratio', 0],
      ['parentbased_always_off', 1],
    ] as const) {
      await using telemetry = await telemetryTo(receiver.endpoint, { sampler, samplerRatio, metrics: false })
      await telemetry.tracing('seeder').span({ name: sampler }, async () => undefined)
    }
    {
      await using telemetry = await telemetryTo(receiver.endpoint, { sampler: 'traceidratio', serviceName: 'ours' })
      await telemetry.tracing('seeder').span({ name: 'all' }, async () => undefined)
    }
    expect(receiver.spans).toMatchObject([{ name: 'all', resource: { 'service.name': 'ours' } }])
  })

  it('are not made where nobody is told, and what they follow from is handed on', async () => {
    await using telemetry = await telemetryTo('')
    expect(telemetry).toMatchObject({ recordsSpans: false, metrics: { records: false } })
    const tracing = telemetry.tracing('seeder')
    await tracing.span({ name: 'follows', parent: { traceparent: given } }, async (span) => {
      expect(span.traceparent).toContain(traceId)
      expect(tracing.traceparent).toBe(given)
      expect(tracing.nextTraceparent()).toContain(traceId)
      expect(telemetry.context.logFields()).toStrictEqual({ trace_id: traceId, span_id: given.slice(36, 52) })
    })
    expect(telemetry.context.logFields()).toStrictEqual({})
  })
})
