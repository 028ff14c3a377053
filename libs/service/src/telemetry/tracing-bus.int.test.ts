import { RetryLaterError } from '@annals/events'
import { due, unseeded } from '@annals/events/testing'
import type { OtlpReceiver } from '@annals/telemetry/testing'
import { startOtlpReceiver, telemetryTo } from '@annals/telemetry/testing'
import { describe, expect, it } from 'vitest'
import { consumerDefaults } from '../consumer-defaults.ts'
import { eventsOf, openTestNode, waitForEvent } from '../testing/index.ts'

const form = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/
const community = '0x02'

const spec = { ...consumerDefaults, name: 'test', events: ['ArchiveDue'] } as const

class DiskFullError extends Error {
  override readonly name = 'DiskFullError'
}

/** Handles one event with failures before it, and answers the names and failures of the spans of handling it. */
async function attempts(receiver: OtlpReceiver, failures: readonly Error[]): Promise<unknown[]> {
  {
    await using telemetry = await telemetryTo(receiver.endpoint)
    await using node = await openTestNode({ telemetry })
    const left = [...failures]
    const handled = Promise.withResolvers<void>()
    await using _consumption = await node.context.bus.consume({ ...spec, backoffSeconds: [0.01] }, async () => {
      const failure = left.shift()
      if (failure !== undefined) throw failure
      handled.resolve()
    })
    await node.context.bus.publish(due(community, 1))
    await handled.promise
  }
  return receiver.spans
    .filter(({ name }) => name === 'process annals.events.ArchiveDue')
    .map(({ statusCode, attributes }) => [attributes['annals.delivery.attempt'], statusCode, attributes['error.type']])
}

function traceOf(traceparent: string | undefined): string {
  return traceparent?.split('-')[1] ?? ''
}

describe('the trace context of events', () => {
  it('is a new one where nothing came before, and as given where one is given', async () => {
    await using node = await openTestNode()
    const { context } = node
    const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
    await context.bus.publish(due(community, 1))
    await context.bus.publish(due(community, 2))
    await context.bus.publish(due(community, 3), { traceparent: given })
    const [first, second, third] = await eventsOf(context, community, 'ArchiveDue')
    expect(first?.traceparent).toMatch(form)
    expect(traceOf(second?.traceparent)).not.toBe(traceOf(first?.traceparent))
    expect(third?.traceparent).toBe(given)
  })

  it('goes on from an event to what its handler publishes, in a span of its own', async () => {
    await using node = await openTestNode()
    const { context } = node
    await using _consumption = await context.bus.consume(
      { ...consumerDefaults, name: 'test', events: ['ArchiveDue'] },
      async ({ communityId }) => {
        await context.bus.publish(unseeded(communityId, 'follows'))
      },
    )
    await context.bus.publish(due(community, 1))
    const follows = await waitForEvent(context, community, 'Unseeded')
    const [before] = await eventsOf(context, community, 'ArchiveDue')
    expect(traceOf(follows.traceparent)).toBe(traceOf(before?.traceparent))
    expect(follows.traceparent).not.toBe(before?.traceparent)
  })
})

describe('the spans of events', () => {
  it('say of each delivery what it failed with, and of what is only to be tried later nothing', async () => {
    await using receiver = await startOtlpReceiver()
    const failures = [new DiskFullError('what somebody wrote'), new RetryLaterError(0, 'not yet')]
    expect(await attempts(receiver, failures)).toEqual([
      [1, 2, 'DiskFullError'],
      [2, 0, undefined],
      [2, 0, undefined],
    ])
    const durations = receiver.metrics.filter(({ name }) => name === 'messaging.process.duration')
    expect(durations.map(({ attributes }) => attributes['error.type'])).toContain('DiskFullError')
    expect(receiver.requests.some(({ body }) => body.includes('what somebody wrote'))).toBe(false)
  })

  it('say what an event is about, and what was published twice', async () => {
    await using receiver = await startOtlpReceiver()
    {
      await using telemetry = await telemetryTo(receiver.endpoint)
      await using node = await openTestNode({ telemetry })
      for (let time = 0; time < 2; time += 1) await node.context.bus.publish(due(community, 1))
    }
    const attributes = {
      'messaging.system': 'annals',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'annals.events.ArchiveDue',
      'messaging.message.id': due(community, 1).id,
      'annals.community.id': community,
      'annals.event.name': 'ArchiveDue',
    }
    expect(receiver.spans).toMatchObject([
      { name: 'publish annals.events.ArchiveDue', kind: 4, parentSpanId: '', attributes },
      { name: 'publish annals.events.ArchiveDue', attributes: { ...attributes, 'annals.event.duplicate': true } },
    ])
  })

  it('lose and hold up no event where telemetry is never taken', async () => {
    await using receiver = await startOtlpReceiver(() => undefined)
    await using telemetry = await telemetryTo(receiver.endpoint, { timeoutMilliseconds: 600_000 })
    await using node = await openTestNode({ telemetry })
    const handled = new Set<string>()
    await using consumption = await node.context.bus.consume(spec, async ({ id }) => void handled.add(id))
    const events = Array.from({ length: 3_000 }, (_, week) => due(community, week))
    await Promise.all(events.map((event) => node.context.bus.publish(event)))
    await receiver.until(() => receiver.requests.length > 0)
    await consumption.idle()
    expect(handled).toStrictEqual(new Set(events.map(({ id }) => id)))
  })
})
