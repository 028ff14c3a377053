import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startNats, type LocalServer } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { connectNats, type NatsLink } from '@annals/nats'
import { describe, expect, it } from 'vitest'
import type { TestContext } from 'vitest'
import { BusUnavailableError } from '../errors.ts'
import type { EventBus } from '../event-bus.ts'
import { Arrivals, collect } from '../testing/collect.ts'
import { community, consumer, due } from '../testing/event-bus-harness.ts'
import { openNatsBus } from './open-nats-bus.ts'

interface Place extends AsyncDisposable {
  readonly server: LocalServer
  open(): Promise<{ readonly bus: EventBus; readonly link: NatsLink }>
}

/** A server of its own, which may be killed. */
async function newPlace(test: TestContext): Promise<Place> {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await startOrSkip(test, startNats))
  return {
    server,
    async open() {
      const link = stack.use(await connectNats({ servers: server.url, name: 'test' }))
      const bus = stack.use(await openNatsBus({ link, namespace: 'annals', replicas: 1, ackWaitSeconds: 1 }))
      return { link, bus }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

async function killAndStart(server: LocalServer): Promise<void> {
  await server.kill()
  await server.start()
}

/** Where the server keeps the messages of the log, and nothing of its consumers. */
const logFolder = 'jetstream/$G/streams/ANNALS/msgs'

/** What the server has on its disk now, or a part of it, and the way back to it. */
async function backUp(server: LocalServer, part = ''): Promise<{ restore(): Promise<void> }> {
  const backup = await temporaryFolder('nats-backup')
  const store = join(server.folder, 'jetstream', part)
  await server.stop()
  await cp(store, backup, { recursive: true })
  await server.start()
  return {
    async restore() {
      await server.kill()
      await rm(store, { recursive: true })
      await cp(backup, store, { recursive: true })
      await server.start()
    },
  }
}

const reconnected = (bus: EventBus): Promise<void> =>
  new Promise((resolve) => {
    const listening = bus.onReconnect(() => {
      listening[Symbol.dispose]()
      resolve()
    })
  })

const dueId = (number: number, week: number): string => due(community(number), week).id

describe('NATS bus whose server ends', () => {
  it('publishes each event once across kills of the server', async (test) => {
    await using place = await newPlace(test)
    const { bus } = await place.open()
    const events = Array.from({ length: 600 }, (_, week) => due(community(week % 5), week))
    const acknowledged = new Arrivals<number>()
    const publishing = Promise.all(
      events.map(async (event, index) => {
        // Some while the server is there, some while it is not.
        if (index >= 200) await acknowledged.count(index - 100)
        const { sequence } = await bus.publish(event)
        acknowledged.add(sequence)
      }),
    )
    for (const count of [50, 250, 450]) {
      await acknowledged.count(count)
      await killAndStart(place.server)
    }
    await publishing
    const stored = await collect(bus.read())
    expect(stored.map(({ id }) => id).toSorted()).toStrictEqual(events.map(({ id }) => id).toSorted())
    expect(stored.map(({ sequence }) => sequence)).toStrictEqual(acknowledged.all.toSorted((a, b) => a - b))
  })

  it('says that it is unavailable while the server stays away, and works again afterwards', async (test) => {
    await using place = await newPlace(test)
    const { bus } = await place.open()
    await place.server.kill()
    const asked = [
      bus.publish(due(community(1), 1)),
      bus.lastSequence(),
      collect(bus.read({ communityId: community(1) })),
      collect(bus.deadLetters.list()),
      bus.consume(consumer('away', ['ArchiveDue']), async () => {}),
    ]
    for (const error of await Promise.all(asked.map(refusal))) expect(error).toBeInstanceOf(BusUnavailableError)
    const there = reconnected(bus)
    await place.server.start()
    await there
    expect(await bus.publish(due(community(1), 1))).toStrictEqual({ sequence: 1, duplicate: false })
  })

  it('goes on consuming and following, and loses no event between', async (test) => {
    await using place = await newPlace(test)
    const { bus } = await place.open()
    const [handled, followed] = [new Arrivals<string>(), new Arrivals<string>()]
    await using consumption = await bus.consume(consumer('going-on', ['ArchiveDue']), async ({ id }) => handled.add(id))
    const stop = new AbortController()
    const following = (async () => {
      for await (const { id } of bus.read({ follow: true, signal: stop.signal })) followed.add(id)
    })()
    const ids: string[] = []
    for (const round of [0, 1, 2]) {
      const events = Array.from({ length: 50 }, (_, index) => due(community(index % 7), round * 50 + index))
      ids.push(...events.map(({ id }) => id))
      const publishing = Promise.all(events.map((event) => bus.publish(event)))
      await handled.until((all) => all.length > round * 50)
      await killAndStart(place.server)
      await publishing
    }
    await followed.count(ids.length)
    await handled.until((all) => new Set(all).size === ids.length)
    await consumption.idle()
    stop.abort()
    await following
    expect(followed.all.toSorted()).toStrictEqual(ids.toSorted())
    expect([...new Set(handled.all)].toSorted()).toStrictEqual(ids.toSorted())
  })

  it('keeps the count of failures, and what waits for its redelivery', async (test) => {
    await using place = await newPlace(test)
    const { bus } = await place.open()
    const attempts = new Arrivals<number>()
    const spec = consumer('counting', ['ArchiveDue'], { maxDeliveries: 4, backoffSeconds: [0.3] })
    await using consumption = await bus.consume(spec, async (_event, { attempt }) => {
      attempts.add(attempt)
      throw new Error('fails')
    })
    await bus.publish(due(community(1), 1))
    for (const count of [1, 2]) {
      await attempts.count(count)
      await consumption.idle()
      await killAndStart(place.server)
    }
    await attempts.count(4)
    await consumption.idle()
    expect(attempts.all).toStrictEqual([1, 2, 3, 4])
    expect(await collect(bus.deadLetters.list())).toMatchObject([{ deliveries: 4 }])
  })

  it('acknowledges what was handled while the server was away', async (test) => {
    await using place = await newPlace(test)
    const { bus } = await place.open()
    const seen = new Arrivals<string>()
    const release = Promise.withResolvers<void>()
    await using consumption = await bus.consume(consumer('meanwhile', ['ArchiveDue']), async ({ id }) => {
      seen.add(id)
      await release.promise
    })
    await bus.publish(due(community(1), 1))
    await seen.count(1)
    await place.server.kill()
    release.resolve()
    await place.server.start()
    await consumption.idle()
    await bus.publish(due(community(1), 2))
    await seen.count(2)
    await consumption.idle()
    expect(seen.all).toStrictEqual([1, 2].map((week) => due(community(1), week).id))
  })

  it('drains and closes although the server is gone', async (test) => {
    await using place = await newPlace(test)
    const { bus, link } = await place.open()
    const seen = new Arrivals<string>()
    await bus.consume(consumer('closing', ['ArchiveDue']), async ({ id }, { signal }) => {
      seen.add(id)
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
    for (const week of [1, 2]) await bus.publish(due(community(1), week))
    await seen.count(1)
    await place.server.kill()
    await bus[Symbol.asyncDispose]()
    await link[Symbol.asyncDispose]()
    expect(seen.all).toStrictEqual([due(community(1), 1).id])
  })

  it.for([
    { what: 'everything with an event that is being handled', part: '', handled: false },
    // As after a loss of power: what the consumer was handed is not there any more.
    { what: 'the log alone with an event that is being handled', part: logFolder, handled: false },
    { what: 'the log alone with an event that was acknowledged', part: logFolder, handled: true },
  ])('goes on when $what is set back', async ({ part, handled: acknowledged }, test) => {
    await using place = await newPlace(test)
    const { bus } = await place.open()
    const [handled, followed] = [new Arrivals<string>(), new Arrivals<string>()]
    const release = Promise.withResolvers<void>()
    const lost = due(community(1), 2).id
    await using consumption = await bus.consume(consumer('set-back', ['ArchiveDue']), async ({ id }) => {
      handled.add(id)
      if (id === lost) await release.promise
    })
    const stop = new AbortController()
    const following = (async () => {
      for await (const { id } of bus.read({ follow: true, signal: stop.signal })) followed.add(id)
    })()
    await bus.publish(due(community(1), 1))
    await handled.count(1)
    const backup = await backUp(place.server, part)
    // In the log after the backup, and with the handler when the log is set back.
    await bus.publish(due(community(1), 2))
    await handled.count(2)
    await followed.count(2)
    if (acknowledged) {
      release.resolve()
      await consumption.idle()
    }
    const there = reconnected(bus)
    await backup.restore()
    await there
    // Takes the position of the one that was lost, whose handler ends only now.
    const { sequence } = await bus.publish(due(community(2), 3))
    release.resolve()
    expect(sequence).toBe(2)
    await handled.until((all) => all.includes(due(community(2), 3).id))
    await followed.until((all) => all.includes(due(community(2), 3).id))
    await bus.publish(due(community(1), 2))
    await handled.count(4)
    await followed.count(4)
    stop.abort()
    await following
    expect(handled.all).toStrictEqual([due(community(1), 1).id, lost, due(community(2), 3).id, due(community(1), 2).id])
  })

  it('reads of a community what is in the log, after that was set back', async (test) => {
    await using place = await newPlace(test)
    const { bus } = await place.open()
    const weeks = async (number: number, after = 0): Promise<string[]> =>
      (await collect(bus.read({ communityId: community(number), after }))).map(({ id }) => id)
    await bus.publish(due(community(1), 1))
    // It follows the log from then on.
    expect(await weeks(1)).toStrictEqual([dueId(1, 1)])
    const backup = await backUp(place.server)
    await bus.publish(due(community(1), 2))
    await expect.poll(() => weeks(1)).toStrictEqual([dueId(1, 1), dueId(1, 2)])
    const there = reconnected(bus)
    await backup.restore()
    await there
    for (const [number, week] of [
      [2, 2],
      [1, 3],
    ] as const)
      await bus.publish(due(community(number), week))
    for (const after of [0, 1]) expect(await weeks(2, after)).toStrictEqual([dueId(2, 2)])
    expect(await weeks(1)).toStrictEqual([dueId(1, 1), dueId(1, 3)])
    expect(await weeks(1, 1)).toStrictEqual([dueId(1, 3)])
    expect(await weeks(1, 2)).toStrictEqual([dueId(1, 3)])
  })

  it('does not acknowledge the event that has the position of a lost one', async (test) => {
    await using place = await newPlace(test)
    const first = await place.open()
    const spec = consumer('position', ['ArchiveDue'], { concurrency: 1 })
    const [lost, other] = [due(community(1), 2), due(community(2), 3)]
    const handled = new Arrivals<string>()
    const release = Promise.withResolvers<void>()
    const consumption = await first.bus.consume(spec, async ({ id }) => {
      handled.add(id)
      await release.promise
    })
    const backup = await backUp(place.server)
    await first.bus.publish(lost)
    await handled.count(1)
    const there = reconnected(first.bus)
    await backup.restore()
    await there

    const second = await place.open()
    await second.bus.consume(spec, async ({ id }, { signal }) => {
      handled.add(id)
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })
    await second.bus.publish(other)
    await handled.count(2)
    release.resolve()
    await consumption.drain()
    await second.link.connection.close()

    const third = await place.open()
    await using _third = await third.bus.consume(spec, async ({ id }) => handled.add(id))
    expect(await handled.count(3)).toStrictEqual([lost.id, other.id, other.id])
  })
})
