import type { EventName, StoredEvent } from '@annals/events'
import type { ServiceContext } from '@annals/service'
import { expect, it } from 'vitest'
import { scheduler } from './scheduler.ts'
import { Town, intervalSeconds } from './testing/town.ts'

/** A running scheduler over a town's log and store, with the clock of the town. */
async function start(town: Town): Promise<AsyncDisposable> {
  const context = { ...town.context(), bus: town.bus, config: { ...town.context().config, clock: 'file:clock' } }
  return scheduler.start(context as unknown as ServiceContext, new AbortController().signal)
}

async function next<N extends EventName>(town: Town, name: N, after = 0): Promise<StoredEvent<N>> {
  for await (const event of town.bus.read({ names: [name], after, follow: true })) return event as StoredEvent<N>
  throw new Error('the log ended')
}

it('decides on events as they come and on moments as they pass, and goes on after a restart', async () => {
  const town = new Town()
  let running = await start(town)
  await town.addArchiving('one', 30_000)
  const request = await next(town, 'HistorySyncRequested')
  await town.answer()
  town.now += 70_000
  const first = await next(town, 'ArchiveDue')
  expect(first.payload).toEqual({
    from: request.payload.until - 30_000,
    to: request.payload.until + 70_000,
    intervalSeconds,
  })
  await running[Symbol.asyncDispose]()

  await town.answer()
  town.now += intervalSeconds
  expect(await town.due('one')).toHaveLength(1)
  running = await start(town)
  const second = await next(town, 'ArchiveDue', first.sequence)
  expect(second.payload.from).toBe(first.payload.to)
  await running[Symbol.asyncDispose]()
  expect(await town.due('one')).toHaveLength(2)
})

it('goes on looking after its clock failed for a while, and stops when its signal aborts', async () => {
  const town = new Town()
  const stop = new AbortController()
  let failures = 2
  const failed = Promise.withResolvers<void>()
  const clock = {
    nowMilliseconds: () => town.now * 1_000,
    nowSeconds: () => {
      if (failures > 0) {
        failures -= 1
        if (failures === 0) failed.resolve()
        throw new Error('the clock cannot be read')
      }
      return town.now
    },
  }
  const context = { ...town.context(), clock, bus: town.bus, config: { ...town.context().config, clock: 'file:clock' } }
  const running = await scheduler.start(context as unknown as ServiceContext, stop.signal)
  await failed.promise
  await town.addArchiving('one', 170_000)
  await next(town, 'HistorySyncRequested')
  await town.answer()
  await next(town, 'ArchiveDue')
  stop.abort()
  await running[Symbol.asyncDispose]()
  expect(await town.due('one')).toHaveLength(1)
})
