import { describe, expect, it } from 'vitest'
import { UnknownDeadLetterError } from '../errors.ts'
import type { DeadLetter, EventBus } from '../event-bus.ts'
import { Arrivals, collect } from './collect.ts'
import { community, consumer, due, type OpenEventBus } from './event-bus-harness.ts'

const spec = consumer('failing', ['ArchiveDue'], { maxDeliveries: 2, backoffSeconds: [0.005] })

/** Runs a consumer that fails until the events are dead letters. */
async function bury(bus: EventBus, weeks: readonly number[]): Promise<DeadLetter[]> {
  const attempts = new Arrivals<number>()
  await using consumption = await bus.consume(spec, async (_event, { attempt }) => {
    attempts.add(attempt)
    throw new Error('the disk of the handler is full', { cause: new TypeError('below it') })
  })
  for (const week of weeks) await bus.publish(due(community(1), week))
  await attempts.count(weeks.length * spec.maxDeliveries)
  await consumption.idle()
  return await collect(bus.deadLetters.list())
}

export function describeDeadLetters(open: OpenEventBus): void {
  describe('dead letters', () => {
    it('takes an event with its error after the last delivery', async () => {
      await using harness = await open()
      const letters = await bury(harness.bus, [1])
      expect(letters).toMatchObject([{ consumer: 'failing', deliveries: 2, event: due(community(1), 1) }])
      expect(letters[0]?.error).toContain('the disk of the handler is full')
      expect(letters[0]?.error).toContain('below it')
      expect(letters[0]?.timeMilliseconds).toBeGreaterThan(0)
      expect(await harness.bus.deadLetters.count()).toBe(1)
    })

    it('keeps them across a restart and hands none of them out by itself', async () => {
      await using harness = await open()
      const letters = await bury(harness.bus, [1, 2])
      const bus = await harness.restart()
      expect(await collect(bus.deadLetters.list())).toStrictEqual(letters)
      const seen = new Arrivals<string>()
      await using consumption = await bus.consume(spec, async ({ id }) => seen.add(id))
      await bus.publish(due(community(1), 3))
      await seen.count(1)
      await consumption.idle()
      expect(seen.all).toStrictEqual([due(community(1), 3).id])
    })

    it('replays one to its consumer with the count of deliveries at zero', async () => {
      await using harness = await open()
      const { bus } = harness
      const [letter, other] = await bury(bus, [1, 2])
      const seen = new Arrivals<{ id: string; attempt: number }>()
      await using consumption = await bus.consume(spec, async ({ id }, { attempt }) => {
        seen.add({ id, attempt })
        if (seen.all.length === 1) throw new Error('once more')
      })
      await bus.deadLetters.replay(letter?.id ?? -1)
      await seen.count(2)
      await consumption.idle()
      expect(seen.all).toStrictEqual([1, 2].map((attempt) => ({ id: letter?.event.id, attempt })))
      expect(await collect(bus.deadLetters.list())).toStrictEqual([other])
      expect(await bus.deadLetters.count()).toBe(1)
    })

    it('replays one whose consumer does not run when that runs again', async () => {
      await using harness = await open()
      const [letter] = await bury(harness.bus, [1])
      await harness.bus.deadLetters.replay(letter?.id ?? -1)
      const bus = await harness.restart()
      const seen = new Arrivals<string>()
      await using _consumption = await bus.consume(spec, async ({ id }) => seen.add(id))
      expect(await seen.count(1)).toStrictEqual([due(community(1), 1).id])
    })

    it('drops one for good', async () => {
      await using harness = await open()
      const { bus } = harness
      const [letter, other] = await bury(bus, [1, 2])
      await bus.deadLetters.drop(letter?.id ?? -1)
      expect(await collect(bus.deadLetters.list())).toStrictEqual([other])
      expect(await bus.deadLetters.count()).toBe(1)
      for (const again of [
        () => bus.deadLetters.drop(letter?.id ?? -1),
        () => bus.deadLetters.replay(letter?.id ?? -1),
      ]) {
        const error = await again().catch((error: unknown) => error)
        expect(error).toBeInstanceOf(UnknownDeadLetterError)
        expect(error).toMatchObject({ id: letter?.id })
      }
    })
  })
}
