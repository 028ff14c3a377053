import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { NotADatabaseError, SchemaTooNewError } from '@annals/sqlite'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  BusClosedError,
  ConsumerInUseError,
  InvalidConsumerError,
  InvalidEventError,
  UndecodableEventError,
  UnknownEventError,
} from '../errors.ts'
import type { NewEvent } from '../event-types.ts'
import { Arrivals, collect } from '../testing/collect.ts'
import { community, consumer, due, unseeded } from '../testing/event-bus-harness.ts'
import { openEmbeddedBus } from './open-embedded-bus.ts'

const newPath = async (): Promise<string> => join(await temporaryFolder('bus'), 'events.db')

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

/** Changes the file behind the bus's back, as a newer version or a damaged disk would. */
function tamper(path: string, sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

describe('embedded bus', () => {
  it('leaves an event that a newer version wrote out of readings and says so', async () => {
    const path = await newPath()
    const warnings: object[] = []
    const log = { warn: (fields: object) => void warnings.push(fields), error: () => {} }
    await using bus = await openEmbeddedBus({ path, log })
    for (const week of [1, 2, 3]) await bus.publish(due(community(1), week))
    tamper(path, "UPDATE events SET name = 'ArchiveBlessed' WHERE sequence = 2")
    expect((await collect(bus.read())).map((event) => event.sequence)).toStrictEqual([1, 3])
    expect(warnings).toMatchObject([{ sequence: 2, err: expect.any(UnknownEventError) }])
  })

  it('says which event does not decode, and goes on behind it when asked to', async () => {
    const path = await newPath()
    await using bus = await openEmbeddedBus({ path })
    for (const week of [1, 2]) await bus.publish(due(community(1), week))
    tamper(path, "UPDATE events SET payload = x'0a' WHERE sequence = 1")
    const error = await refusal(collect(bus.read()))
    expect(error).toBeInstanceOf(UndecodableEventError)
    expect(error).toMatchObject({ sequence: 1, eventName: 'ArchiveDue', eventId: due(community(1), 1).id })
    expect(await collect(bus.read({ after: 1 }))).toHaveLength(1)
  })

  it('puts what cannot be handed out to the dead letters and goes on', async () => {
    const path = await newPath()
    await using bus = await openEmbeddedBus({ path })
    for (const week of [1, 2, 3]) await bus.publish(due(community(1), week))
    await bus.publish(unseeded(community(1), 'wanted at first'))
    const names = ['ArchiveDue', 'Unseeded'] as const
    const failing = await bus.consume(consumer('edges', names, { backoffSeconds: [0] }), async (_event, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      signal.throwIfAborted()
    })
    await failing.drain()
    tamper(path, "UPDATE events SET payload = x'0a' WHERE sequence = 1")
    tamper(path, "UPDATE events SET name = 'ArchiveBlessed' WHERE sequence = 2")
    tamper(
      path,
      "UPDATE consumers SET position = 4; INSERT OR REPLACE INTO deliveries (consumer, sequence, due_ms) VALUES ('edges', 1, 0), ('edges', 2, 0), ('edges', 3, 0), ('edges', 4, 0)",
    )

    const seen = new Arrivals<string>()
    await using consumption = await bus.consume(consumer('edges', ['ArchiveDue']), async ({ id }) => seen.add(id))
    await seen.count(1)
    await consumption.idle()
    expect(seen.all).toStrictEqual([due(community(1), 3).id])
    const letters = await collect(bus.deadLetters.list())
    expect(letters.map(({ event }) => event.sequence)).toStrictEqual([1, 2, 4])
    expect(letters[1]?.event).toMatchObject({ name: 'ArchiveBlessed', payload: {} })
  })

  it('gives an event up that was with its handler at the end of the process too often', async () => {
    const path = await newPath()
    const spec = consumer('fatal', ['ArchiveDue'], { maxDeliveries: 1 })
    {
      await using bus = await openEmbeddedBus({ path })
      await (await bus.consume(spec, async () => {})).drain()
      await bus.publish(due(community(1), 1))
      await bus.publish(due(community(1), 2))
      tamper(
        path,
        `INSERT INTO deliveries (consumer, sequence, with_handler, attempts, interrupted)
         VALUES ('fatal', 1, 1, 20, 19), ('fatal', 2, 1, 19, 18); UPDATE consumers SET position = 2`,
      )
    }
    await using bus = await openEmbeddedBus({ path })
    const seen = new Arrivals<{ id: string; attempt: number }>()
    await using consumption = await bus.consume(spec, async ({ id }, { attempt }) => seen.add({ id, attempt }))
    await seen.count(1)
    await consumption.idle()
    expect(seen.all).toStrictEqual([{ id: due(community(1), 2).id, attempt: 20 }])
    const [letter] = await collect(bus.deadLetters.list())
    expect(letter).toMatchObject({ consumer: 'fatal', deliveries: 20, event: { sequence: 1 } })
  })

  it('hands an event with the next attempt again that was with its handler when the process was killed', async () => {
    const path = await newPath()
    const spec = consumer('killed', ['ArchiveDue'], { maxDeliveries: 2, backoffSeconds: [0] })
    await using bus = await openEmbeddedBus({ path })
    await bus.publish(due(community(1), 1))
    await (await bus.consume(spec, async () => {})).drain()
    tamper(
      path,
      `INSERT OR REPLACE INTO deliveries (consumer, sequence, with_handler, attempts) VALUES ('killed', 1, 1, 1);
       UPDATE consumers SET position = 1`,
    )
    const attempts = new Arrivals<number>()
    await using consumption = await bus.consume(spec, async (_event, { attempt }) => {
      attempts.add(attempt)
      throw new Error('fails')
    })
    // Two failures are allowed, and the delivery that was cut off is none.
    await attempts.count(2)
    await consumption.idle()
    expect(attempts.all).toStrictEqual([2, 3])
    expect(await collect(bus.deadLetters.list())).toMatchObject([{ deliveries: 3 }])
  })

  it('refuses what is no event', async () => {
    await using bus = await openEmbeddedBus({ path: await newPath() })
    const event = due(community(1), 1)
    const unknown = await refusal(bus.publish({ ...event, name: 'ArchiveBlessed' } as unknown as NewEvent))
    expect(unknown).toBeInstanceOf(UnknownEventError)
    expect(unknown).toMatchObject({ eventName: 'ArchiveBlessed', sequence: undefined })
    const invalid: [string, NewEvent, number?][] = [
      ['id', { ...event, id: '' }],
      ['id', { ...event, id: 'half a \uD83D pair' }],
      ['communityId', { ...event, communityId: '' }],
      ['payload', { ...event, payload: { ...event.payload, from: 1.5 } }],
      ['timeMilliseconds', event, Number.NaN],
    ]
    for (const [field, event, timeMilliseconds] of invalid) {
      const options = timeMilliseconds === undefined ? {} : { timeMilliseconds }
      const error = await refusal(bus.publish(event, options))
      expect(error).toBeInstanceOf(InvalidEventError)
      expect(error).toMatchObject({ field, eventId: event.id })
    }
    expect(await bus.lastSequence()).toBe(0)
  })

  it('refuses a consumer that cannot work, and one that runs already', async () => {
    await using bus = await openEmbeddedBus({ path: await newPath() })
    const invalid = {
      name: consumer('', ['ArchiveDue']),
      concurrency: consumer('c', ['ArchiveDue'], { concurrency: 0 }),
      maxDeliveries: consumer('c', ['ArchiveDue'], { maxDeliveries: Number.NaN }),
      backoffSeconds: consumer('c', ['ArchiveDue'], { backoffSeconds: [-1] }),
      forgetAfterSeconds: consumer('c', ['ArchiveDue'], { forgetAfterSeconds: 0.5 }),
    }
    for (const [field, spec] of Object.entries(invalid)) {
      const error = await refusal(bus.consume(spec, async () => {}))
      expect(error).toBeInstanceOf(InvalidConsumerError)
      expect(error).toMatchObject({ field })
    }
    const spec = consumer('twice', ['ArchiveDue'])
    const first = await bus.consume(spec, async () => {})
    expect(await refusal(bus.consume(spec, async () => {}))).toBeInstanceOf(ConsumerInUseError)
    await first.drain()
    await using _again = await bus.consume(spec, async () => {})
  })

  it('says to all who still use it that it is closed, after handlers under way have published', async () => {
    const bus = await openEmbeddedBus({ path: await newPath() })
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
      bus.consume(consumer('late', ['ArchiveDue']), async () => {}),
    ]
    for (const promise of asked) expect(await refusal(promise)).toBeInstanceOf(BusClosedError)
  })

  it('rejects a reading that was cut off, so that it does not look complete', async () => {
    await using bus = await openEmbeddedBus({ path: await newPath() })
    for (const week of [1, 2]) await bus.publish(due(community(1), week))
    const stop = new AbortController()
    const reading = (async () => {
      for await (const _event of bus.read({ signal: stop.signal })) stop.abort()
    })()
    expect(await refusal(reading)).toMatchObject({ name: 'AbortError' })
  })

  it('stamps events and dead letters by the given clock, and does not wait by it', async () => {
    await using bus = await openEmbeddedBus({ path: await newPath(), now: () => 1_000_000 })
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

  it('misses no redelivery that becomes due while it looks for what is due', async () => {
    // A clock that goes on by some milliseconds at each look meets every gap between two looks.
    let time = Date.now()
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => (time += 2))
    onTestFinished(() => clock.mockRestore())
    await using bus = await openEmbeddedBus({ path: await newPath() })
    const attempts = new Arrivals<number>()
    const spec = consumer('gaps', ['ArchiveDue'], { maxDeliveries: 10, backoffSeconds: [0.001, 0.003, 0.005, 0.007] })
    await using _consumption = await bus.consume(spec, async (_event, { attempt }) => {
      attempts.add(attempt)
      if (attempt < 10) throw new Error('not yet')
    })
    for (let round = 1; round <= 5; round++) {
      await bus.publish(due(community(1), round))
      await attempts.count(10 * round)
    }
    expect(attempts.all).toHaveLength(50)
  })

  it('goes on by itself when the disk takes its notes again', async () => {
    const path = await newPath()
    const errors = new Arrivals<object>()
    const log = { warn: () => {}, error: (fields: object) => errors.add(fields) }
    await using bus = await openEmbeddedBus({ path, log })
    const seen = new Arrivals<string>()
    await using consumption = await bus.consume(consumer('noting', ['ArchiveDue']), async ({ id }) => seen.add(id))
    await consumption.idle()
    // Stands for a disk that refuses: the notes of consumers cannot be written, the log can.
    tamper(path, 'ALTER TABLE deliveries RENAME TO deliveries_away')
    await bus.publish(due(community(1), 1))
    expect(await errors.count(1)).toMatchObject([{ consumer: 'noting', err: expect.any(Error) }])
    expect(seen.all).toStrictEqual([])
    tamper(path, 'ALTER TABLE deliveries_away RENAME TO deliveries')
    await seen.count(1)
    await consumption.idle()
    expect(seen.all).toStrictEqual([due(community(1), 1).id])
  })

  it('stops although the disk refuses, and hands out again what it could not note', async () => {
    const path = await newPath()
    const spec = consumer('stopping', ['ArchiveDue'])
    const seen = new Arrivals<string>()
    await using bus = await openEmbeddedBus({ path })
    const release = Promise.withResolvers<void>()
    const consumption = await bus.consume(spec, async ({ id }) => {
      seen.add(id)
      await release.promise
    })
    await bus.publish(due(community(1), 1))
    await seen.count(1)
    tamper(path, 'ALTER TABLE deliveries RENAME TO deliveries_away')
    const drained = consumption.drain()
    release.resolve()
    await drained
    tamper(path, 'ALTER TABLE deliveries_away RENAME TO deliveries')
    await using _again = await bus.consume(spec, async ({ id }) => seen.add(id))
    expect(await seen.count(2)).toStrictEqual([due(community(1), 1).id, due(community(1), 1).id])
  })

  it('refuses files that are not its own', async () => {
    const path = await newPath()
    await (await openEmbeddedBus({ path }))[Symbol.asyncDispose]()
    tamper(path, 'PRAGMA user_version = 1000')
    expect(await refusal(openEmbeddedBus({ path }))).toBeInstanceOf(SchemaTooNewError)
    tamper(path, 'PRAGMA application_id = 5')
    expect(await refusal(openEmbeddedBus({ path }))).toBeInstanceOf(NotADatabaseError)
  })
})
