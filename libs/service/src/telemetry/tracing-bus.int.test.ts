import { due, unseeded } from '@annals/events/testing'
import { describe, expect, it } from 'vitest'
import { consumerDefaults } from '../consumer-defaults.ts'
import { eventsOf, openTestNode, waitForEvent } from '../testing/index.ts'

const form = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/
const community = '0x02'

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
