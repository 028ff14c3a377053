import type { EventBus } from '@annals/events'
import type { Engines, ServiceContext } from '@annals/service'
import type { Snapshot, TestNode, TestNodeOptions } from '@annals/service/testing'
import { allServices } from '@annals/annals'
import {
  addControlled,
  eventsOf,
  messageOf,
  openInstallation,
  openTestNode,
  snapshot,
  waitForEvent,
} from '@annals/service/testing'
import { expect, it } from 'vitest'

const week = 604_800
const settings = { ANNALS_TRACKERS: '', ANNALS_FETCH_STALL_SECONDS: '5' }

/** Every event is with its handler ten times at once, and ten times again where one of them fails. */
function tenfold(engines: Engines): Engines {
  const consume: EventBus['consume'] = (spec, handler) =>
    engines.bus.consume({ ...spec, backoffSeconds: [0.05] }, async (event, delivery) => {
      const deliveries = Array.from({ length: 10 }, () => handler(event, delivery))
      const failed = (await Promise.allSettled(deliveries)).find(({ status }) => status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    })
  const bus = new Proxy(engines.bus, {
    get(target, key) {
      if (key === 'consume') return consume
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { ...engines, bus }
}

/** Two weeks of a community that a node controls: sealed, seeded, announced. */
async function liveTwoWeeks(
  open: (options: TestNodeOptions) => Promise<TestNode>,
  options: TestNodeOptions,
): Promise<unknown> {
  await using node = await open(options)
  const { context } = node
  const begin = context.clock.now - week
  const communityId = await addControlled(context)
  await context.messages.ingest(
    communityId,
    [0, 1, 2].map((number) => messageOf(communityId, begin + number * 1_000)),
    'pending',
  )
  for (const service of allServices) if (service.name !== 'gateway') await node.start(service)
  for (const round of [0, 1]) {
    context.clock.now = begin + (round + 1) * week
    await waitForSealing(context, communityId, round)
    await context.messages.ingest(communityId, [messageOf(communityId, context.clock.now + 500)], 'pending')
  }
  return essence(await snapshot(context, communityId))
}

async function waitForSealing(context: ServiceContext, communityId: string, round: number): Promise<void> {
  const before = (await eventsOf(context, communityId, 'MagnetLinkDispatched'))[round - 1]
  await waitForEvent(context, communityId, 'MagnetLinkDispatched', before?.sequence ?? 0)
  if (round > 0) await waitForEvent(context, communityId, 'Unseeded')
}

/** Without the order in which different services say what they did at the same time. */
function essence({ events, ...rest }: Snapshot): unknown {
  const sorted = events.map((event) => JSON.stringify(event)).toSorted()
  return { ...rest, events: sorted }
}

it('the same event delivered ten times › comes to what it comes to delivered once', async () => {
  const expected = await liveTwoWeeks((options) => openTestNode({ ...options, env: settings }), {})
  await using installation = openInstallation(settings)
  const open = (options: TestNodeOptions): Promise<TestNode> => installation.open('all', options)
  expect(await liveTwoWeeks(open, { wrapEngines: tenfold })).toStrictEqual(expected)
})
