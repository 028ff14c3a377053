import { testNatsUrl } from '@annals/local-servers/testing'
import { callJetStream, connectNats, listStreamDrift, type NatsLink, type StreamInfo } from '@annals/nats'
import { headers } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import {
  BusClosedError,
  ConsumerInUseError,
  EventTooLargeError,
  InvalidConsumerError,
  InvalidEventError,
  UndecodableEventError,
  UnknownDeadLetterError,
  UnknownEventError,
} from '../errors.ts'
import type { EventBus } from '../event-bus.ts'
import type { NewEvent } from '../event-types.ts'
import { Arrivals, collect } from '../testing/collect.ts'
import { community, consumer, due, unseeded } from '../testing/event-bus-harness.ts'
import { busStreams } from './bus-streams.ts'
import { openNatsBus, type NatsBusOptions } from './open-nats-bus.ts'
import { Subjects } from './subjects.ts'
import { newNamespace, removeBus } from './testing/nats-harness.ts'

interface Place extends AsyncDisposable {
  readonly subjects: Subjects
  /** Of the test itself, beside the buses. */
  readonly link: NatsLink
  open(options?: Partial<NatsBusOptions>): Promise<{ readonly bus: EventBus; readonly link: NatsLink }>
}

/** A namespace of its own on the server of this test run. */
async function newPlace(): Promise<Place> {
  const namespace = newNamespace()
  const stack = new AsyncDisposableStack()
  const link = stack.use(await connectNats({ servers: testNatsUrl(), name: namespace }))
  stack.defer(() => removeBus(link, namespace))
  return {
    subjects: new Subjects(namespace),
    link,
    async open(options = {}) {
      const link = stack.use(await connectNats({ servers: testNatsUrl(), name: namespace }))
      const bus = await openNatsBus({ link, namespace, replicas: 1, ackWaitSeconds: 1, ...options })
      return { link, bus: stack.use(bus) }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  signal.throwIfAborted()
}

describe('NATS bus', () => {
  it('hands each event to one of the processes that share a consumer, and one of a community at a time', async () => {
    await using place = await newPlace()
    const buses = [await place.open(), await place.open()]
    const seen = new Arrivals<string>()
    const overlaps: string[] = []
    const spec = consumer('shared', ['ArchiveDue'])
    const handledBy = buses.map(() => 0)
    const consumptions = await Promise.all(
      buses.map(({ bus }, index) => {
        const busy = new Set<string>()
        return bus.consume(spec, async ({ id, communityId }) => {
          if (busy.has(communityId)) overlaps.push(id)
          busy.add(communityId)
          await new Promise((resolve) => setImmediate(resolve))
          busy.delete(communityId)
          handledBy[index] = (handledBy[index] ?? 0) + 1
          seen.add(id)
        })
      }),
    )
    const events = Array.from({ length: 200 }, (_, index) => due(community(index % 20), index))
    await Promise.all(events.map(async (event) => buses[0]?.bus.publish(event)))
    await seen.count(events.length)
    for (const consumption of consumptions) await consumption.idle()
    expect(seen.all.toSorted()).toStrictEqual(events.map(({ id }) => id).toSorted())
    expect(overlaps).toStrictEqual([])
    expect(handledBy.every((events) => events > 0)).toBe(true)
  })

  it('gives what its handler has not had to others at once when it drains', async () => {
    await using place = await newPlace()
    // So long that nothing comes by itself.
    const [first, second] = [await place.open({ ackWaitSeconds: 3600 }), await place.open({ ackWaitSeconds: 3600 })]
    for (const week of [1, 2, 3, 4, 5, 6]) await first.bus.publish(due(community(1), week))
    const started = new Arrivals<string>()
    const spec = consumer('handing-over', ['ArchiveDue'])
    const consumption = await first.bus.consume(spec, async ({ id }, { signal }) => {
      started.add(id)
      await untilAborted(signal)
    })
    await started.count(1)
    await consumption.drain()
    const seen = new Arrivals<string>()
    await using _second = await second.bus.consume(spec, async ({ id }) => seen.add(id))
    await seen.count(6)
    expect(started.all).toStrictEqual([due(community(1), 1).id])
    expect(new Set(seen.all).size).toBe(6)
  })

  it('keeps an event whose handler takes longer than the server waits', async () => {
    await using place = await newPlace()
    const { bus } = await place.open({ ackWaitSeconds: 1 })
    const other = await place.open({ ackWaitSeconds: 1 })
    const seen = new Arrivals<string>()
    const release = Promise.withResolvers<void>()
    const spec = consumer('slow', ['ArchiveDue'])
    const handler = async ({ id }: { id: string }): Promise<void> => {
      seen.add(id)
      await release.promise
    }
    await using _one = await bus.consume(spec, handler)
    await using _two = await other.bus.consume(spec, handler)
    await bus.publish(due(community(1), 1))
    await seen.count(1)
    // What is unacknowledged longer than the server waits is handed out again; other consumers tell that it did not happen.
    const clock = new Arrivals<number>()
    const ticking = consumer('clock', ['ArchiveDue'], { backoffSeconds: [0.5], maxDeliveries: 6 })
    await using _clock = await bus.consume(ticking, async (_event, { attempt }) => {
      clock.add(attempt)
      throw new Error('half a second more')
    })
    await clock.count(6)
    release.resolve()
    expect(seen.all).toStrictEqual([due(community(1), 1).id])
  })

  it('counts failures by itself: neither what was cut off nor what was given back is one', async () => {
    await using place = await newPlace()
    const spec = consumer('counting', ['ArchiveDue'], { maxDeliveries: 2, backoffSeconds: [0] })
    const first = await place.open()
    await first.bus.publish(due(community(1), 1))
    const started = new Arrivals<number>()
    await first.bus.consume(spec, async (_event, { attempt, signal }) => {
      started.add(attempt)
      if (started.all.length === 1) throw new Error('the first failure')
      await untilAborted(signal)
    })
    await started.count(2)
    await first.link.connection.close()

    const second = await place.open()
    const attempts = new Arrivals<number>()
    await using consumption = await second.bus.consume(spec, async (_event, { attempt }) => {
      attempts.add(attempt)
      throw new Error('the second failure')
    })
    await attempts.count(1)
    await consumption.idle()
    expect(started.all).toStrictEqual([1, 2])
    expect(attempts.all).toStrictEqual([3])
    expect(await collect(second.bus.deadLetters.list())).toMatchObject([{ deliveries: 3 }])
  })

  it('gives an event up that was with its handler at the end of the process too often', async () => {
    await using place = await newPlace()
    const spec = consumer('fatal', ['ArchiveDue'], { maxDeliveries: 1 })
    const first = await place.open()
    const events = [due(community(1), 1), due(community(2), 2)]
    for (const event of events) await first.bus.publish(event)
    const started = new Arrivals<string>()
    await first.bus.consume(spec, async ({ id }, { signal }) => {
      started.add(id)
      await untilAborted(signal)
    })
    await started.count(2)
    await first.link.connection.close()
    for (const [index, event] of events.entries()) {
      const [, , , , token = ''] = place.subjects.event(event.name, event.communityId, event.id).split('.')
      const record = { attempts: 20 - index, interrupted: 19 - index, withHandler: true }
      await place.link.request(place.subjects.failure('fatal', index + 1, token), JSON.stringify(record))
    }
    const second = await place.open()
    const seen = new Arrivals<{ id: string; attempt: number }>()
    await using consumption = await second.bus.consume(spec, async ({ id }, { attempt }) => seen.add({ id, attempt }))
    await seen.count(1)
    await consumption.idle()
    expect(seen.all).toStrictEqual([{ id: due(community(2), 2).id, attempt: 20 }])
    const [letter] = await collect(second.bus.deadLetters.list())
    expect(letter).toMatchObject({ consumer: 'fatal', deliveries: 20, event: { sequence: 1 } })
  })

  it("lets the server forget a consumer that is one process's own, and keeps the others", async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const { link, subjects } = place
    const threshold = async (name: string): Promise<unknown> => {
      const info = await callJetStream<{ config: Record<string, unknown> }>(
        link,
        `CONSUMER.INFO.${subjects.logStream}.${name}`,
      )
      return info.config['inactive_threshold']
    }
    const own = consumer('own', ['ArchiveDue'], { forgetAfterSeconds: 3_600 })
    await using _own = await bus.consume(own, async () => {})
    await using _shared = await bus.consume(consumer('shared', ['ArchiveDue']), async () => {})
    expect([await threshold('own'), await threshold('shared')]).toStrictEqual([3_600_000_000_000, undefined])
  })

  it('goes on where it was when its consumer is deleted from the server', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const seen = new Arrivals<string>()
    await using consumption = await bus.consume(consumer('deleted', ['ArchiveDue']), async ({ id }) => seen.add(id))
    await bus.publish(due(community(1), 1))
    await consumption.idle()
    await callJetStream(place.link, `CONSUMER.DELETE.${place.subjects.logStream}.deleted`)
    await bus.publish(due(community(1), 2))
    const ids = await seen.until((all) => all.includes(due(community(1), 2).id))
    expect(ids[0]).toBe(due(community(1), 1).id)
  })

  it('leaves the names of a newer version to its processes', async () => {
    await using place = await newPlace()
    const [newer, older] = [await place.open(), await place.open()]
    const seen = new Arrivals<string>()
    const add = async ({ id }: { id: string }): Promise<void> => seen.add(id)
    await using _newer = await newer.bus.consume(consumer('rolling', ['ArchiveDue', 'Unseeded']), add)
    await using _older = await older.bus.consume(consumer('rolling', ['ArchiveDue']), add)
    const events = Array.from({ length: 4 }, (_, index) => unseeded(community(index), 'of the newer version'))
    for (const event of events) await newer.bus.publish(event)
    await seen.count(events.length)
    expect(new Set(seen.all)).toStrictEqual(new Set(events.map(({ id }) => id)))
    expect(await collect(newer.bus.deadLetters.list())).toStrictEqual([])
  })

  it('leaves an event that a newer version wrote out of readings and says so', async () => {
    await using place = await newPlace()
    const warnings: object[] = []
    const log = { warn: (fields: object) => void warnings.push(fields), error: () => {} }
    const { bus } = await place.open({ log })
    await bus.publish(due(community(1), 1))
    await place.link.request(`${place.subjects.namespace}.events.ArchiveBlessed.c.token`, 'payload')
    await bus.publish(due(community(1), 3))
    expect((await collect(bus.read())).map((event) => event.sequence)).toStrictEqual([1, 3])
    expect(warnings).toMatchObject([{ sequence: 2, err: expect.any(UnknownEventError) }])
  })

  it('says which event does not decode, and puts it to the dead letters of a consumer', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const { namespace } = place.subjects
    await place.link.request(`${namespace}.events.ArchiveDue.c.token`, new Uint8Array([0x0a]))
    await bus.publish(due(community(1), 2))
    const error = await refusal(collect(bus.read()))
    expect(error).toBeInstanceOf(UndecodableEventError)
    expect(error).toMatchObject({ sequence: 1, eventName: 'ArchiveDue', eventId: 'token' })
    expect(await collect(bus.read({ after: 1 }))).toHaveLength(1)
    const seen = new Arrivals<string>()
    await using consumption = await bus.consume(consumer('decoding', ['ArchiveDue']), async ({ id }) => seen.add(id))
    await seen.count(1)
    await consumption.idle()
    const letters = await collect(bus.deadLetters.list())
    expect(letters).toMatchObject([{ deliveries: 0, event: { sequence: 1, communityId: 'c' } }])
  })

  it('takes any text as id, community and source', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const texts = ['a.b c', '*', '>', '=YQ', '~', '%20 "q"', 'zeile\r\nzwei ', '☃ \u{1F600}', 'x'.repeat(300)]
    for (const text of texts) {
      await bus.publish(
        { ...unseeded(text, text), id: `Unseeded/${text}` },
        { source: text, traceparent: text, timeMilliseconds: -1 },
      )
    }
    const all = await collect(bus.read())
    for (const [index, text] of texts.entries()) {
      expect(all[index]).toStrictEqual({
        ...unseeded(text, text),
        id: `Unseeded/${text}`,
        source: text,
        traceparent: text,
        timeMilliseconds: -1,
        sequence: index + 1,
      })
      expect(await collect(bus.read({ communityId: text }))).toStrictEqual([all[index]])
    }
  })

  it('reads many events of a community, also of one name', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const events = Array.from({ length: 200 }, (_, index) =>
      index % 3 === 0 ? unseeded(community(index % 2), String(index)) : due(community(index % 2), index),
    )
    await Promise.all(events.map((event) => bus.publish(event)))
    const wanted = events.filter(({ communityId }) => communityId === community(1))
    const read = async (names?: ('ArchiveDue' | 'Unseeded')[]): Promise<string[]> => {
      const options = { communityId: community(1), ...(names ? { names } : {}) }
      return (await collect(bus.read(options))).map(({ id }) => id)
    }
    expect(await read()).toStrictEqual(wanted.map(({ id }) => id))
    expect(await read(['Unseeded', 'ArchiveDue'])).toStrictEqual(wanted.map(({ id }) => id))
    expect(await read(['Unseeded'])).toStrictEqual(wanted.filter((e) => e.name === 'Unseeded').map(({ id }) => id))
  })

  it('reads the events of a community up to now, whoever published them and however far back they are', async () => {
    await using place = await newPlace()
    const [{ bus: writer }, { bus: reader }] = [await place.open(), await place.open()]
    const all: NewEvent[] = []
    let state = 20_261_121
    const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below
    const names = [undefined, ['ArchiveDue'], ['Unseeded'], ['ArchiveDue', 'Unseeded', 'CommunityLeft']] as const
    for (let round = 0; round < 300; round += 1) {
      const event = random(2) === 0 ? due(community(random(3)), round) : unseeded(community(random(3)), String(round))
      const { sequence } = await writer.publish(event)
      expect(sequence).toBe(all.push(event))
      const [communityId, after, some] = [community(random(3)), random(sequence + 1), names[random(names.length)]]
      const read = await collect(reader.read({ communityId, after, ...(some && { names: some }) }))
      const expected = all.flatMap(({ id, name, communityId: of }, index) => {
        return of === communityId && index >= after && (some === undefined || some.some((each) => each === name))
          ? [{ id, sequence: index + 1 }]
          : []
      })
      expect(read.map(({ id, sequence }) => ({ id, sequence }))).toStrictEqual(expected)
    }
  })

  it('does not take an event for another one with the same digest', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const event = due(community(1), 1)
    const hdrs = headers()
    hdrs.set('ce-id', 'another')
    await place.link.request(place.subjects.event(event.name, event.communityId, event.id), '', { headers: hdrs })
    const error = await refusal(bus.publish(event))
    expect(error).toBeInstanceOf(InvalidEventError)
    expect(error).toMatchObject({ field: 'id', eventId: event.id })
  })

  it('carries the largest event through the dead letters and back', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const tooLarge = await refusal(
      bus.publish({ ...unseeded(community(1), 'x'.repeat(1024 * 1024 - 100)), id: 'Unseeded/large' }),
    )
    expect(tooLarge).toBeInstanceOf(EventTooLargeError)
    const { sizeBytes, limitBytes } = tooLarge as EventTooLargeError
    const reason = 'x'.repeat(1024 * 1024 - 100 - (sizeBytes - limitBytes))
    const event = { ...unseeded(community(1), reason), id: 'Unseeded/large' }
    await bus.publish(event)
    const seen = new Arrivals<string>()
    const spec = consumer('large', ['Unseeded'], { maxDeliveries: 1 })
    await using consumption = await bus.consume(spec, async ({ id }) => {
      seen.add(id)
      if (seen.all.length === 1) throw new Error('☃'.repeat(4000))
    })
    await seen.count(1)
    await consumption.idle()
    const [letter] = await collect(bus.deadLetters.list())
    await bus.deadLetters.replay(letter?.id ?? -1)
    expect(await seen.count(2)).toStrictEqual([event.id, event.id])
    expect(letter?.event).toMatchObject(event)
    const missing = await refusal(bus.deadLetters.drop(0))
    expect(missing).toBeInstanceOf(UnknownDeadLetterError)
  })

  it('reports a stream that is not set up as declared, and leaves it as it is', async () => {
    await using place = await newPlace()
    const { logStream, namespace } = place.subjects
    const subjects = [`${namespace}.replays.>`, `${namespace}.events.>`]
    await callJetStream(place.link, `STREAM.CREATE.${logStream}`, {
      name: logStream,
      subjects,
      retention: 'limits',
      storage: 'file',
      num_replicas: 1,
      discard: 'new',
      max_age: 3600 * 1_000_000_000,
      max_bytes: 1_000_000,
      deny_delete: true,
    })
    const warnings: object[] = []
    const log = { warn: (fields: object) => void warnings.push(fields), error: () => {} }
    await place.open({ log })
    const drift = [
      { stream: logStream, setting: 'max_age', expected: 0, found: 3600 * 1_000_000_000 },
      { stream: logStream, setting: 'max_bytes', expected: -1, found: 1_000_000 },
      { stream: logStream, setting: 'deny_purge', expected: true, found: false },
    ]
    expect(warnings).toStrictEqual(drift)
    expect(await listStreamDrift(place.link, busStreams(namespace, 1))).toStrictEqual(drift)
    const { config } = await callJetStream<StreamInfo>(place.link, `STREAM.INFO.${logStream}`)
    expect(config).toMatchObject({ max_age: 3600 * 1_000_000_000, max_bytes: 1_000_000 })
  })

  it('refuses what is no event, and consumers that cannot work or run already', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const event = due(community(1), 1)
    expect(await refusal(bus.publish({ ...event, name: 'Blessed' } as unknown as NewEvent))).toBeInstanceOf(
      UnknownEventError,
    )
    const tooLong = await refusal(bus.publish({ ...event, id: 'x'.repeat(20_000) }))
    expect(tooLong).toBeInstanceOf(InvalidEventError)
    expect(await refusal(bus.consume(consumer('a.b', ['ArchiveDue']), async () => {}))).toBeInstanceOf(
      InvalidConsumerError,
    )
    const spec = consumer('twice', ['ArchiveDue'])
    const both = [bus.consume(spec, async () => {}), bus.consume(spec, async () => {})].map(refusal)
    expect((await Promise.all(both)).filter((result) => result instanceof ConsumerInUseError)).toHaveLength(1)
    expect(await bus.lastSequence()).toBe(0)
  })

  it('says to all who still use it that it is closed, after handlers under way have published', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    const following = refusal(collect(bus.read({ follow: true })))
    const started = new Arrivals<string>()
    const published = new Arrivals<boolean>()
    await bus.consume(consumer('slow', ['ArchiveDue']), async (event, { signal }) => {
      started.add(event.id)
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      published.add((await bus.publish(unseeded(event.communityId, 'stopping'))).duplicate)
    })
    await bus.publish(due(community(1), 1))
    await started.count(1)
    await bus[Symbol.asyncDispose]()
    await bus[Symbol.asyncDispose]()
    expect(published.all).toStrictEqual([false])
    expect(await following).toBeInstanceOf(BusClosedError)
    const asked = [
      bus.publish(due(community(1), 2)),
      bus.lastSequence(),
      collect(bus.read()),
      collect(bus.deadLetters.list()),
      bus.consume(consumer('late', ['ArchiveDue']), async () => {}),
    ]
    for (const promise of asked) expect(await refusal(promise)).toBeInstanceOf(BusClosedError)
  })

  it('rejects a reading that was cut off, so that it does not look complete', async () => {
    await using place = await newPlace()
    const { bus } = await place.open()
    for (const week of [1, 2]) await bus.publish(due(community(1), week))
    for (const options of [{}, { communityId: community(1) }]) {
      const stop = new AbortController()
      const reading = (async () => {
        for await (const _event of bus.read({ ...options, signal: stop.signal })) stop.abort()
      })()
      expect(await refusal(reading)).toMatchObject({ name: 'AbortError' })
    }
  })

  it('stamps events and dead letters by the given clock, and does not wait by it', async () => {
    await using place = await newPlace()
    const { bus } = await place.open({ now: () => 1_000_000 })
    await bus.publish(due(community(1), 1))
    const attempts = new Arrivals<number>()
    const spec = consumer('clock', ['ArchiveDue'], { maxDeliveries: 2, backoffSeconds: [0.01] })
    await using consumption = await bus.consume(spec, async (_event, { attempt }) => {
      attempts.add(attempt)
      throw new Error('fails')
    })
    await attempts.count(2)
    await consumption.idle()
    expect((await collect(bus.read()))[0]?.timeMilliseconds).toBe(1_000_000)
    expect((await collect(bus.deadLetters.list()))[0]?.timeMilliseconds).toBe(1_000_000)
  })
})
