import { describe, expect, it } from 'vitest'
import { RetryLaterError } from '../errors.ts'
import { Arrivals, collect } from './collect.ts'
import { community, consumer, due, type OpenEventBus } from './event-bus-harness.ts'

interface Seen {
  readonly id: string
  readonly attempt: number
}

export function describeRedelivery(open: OpenEventBus): void {
  describe('redelivery', () => {
    it('hands an event out again, with its attempt, until the handler resolves', async () => {
      await using harness = await open()
      const { bus } = harness
      const seen = new Arrivals<Seen>()
      await using consumption = await bus.consume(consumer('again', ['ArchiveDue']), async ({ id }, { attempt }) => {
        seen.add({ id, attempt })
        if (attempt < 3) throw new Error(`attempt ${attempt} fails`)
      })
      const { id } = due(community(1), 1)
      await bus.publish(due(community(1), 1))
      await seen.count(3)
      await consumption.idle()
      expect(seen.all).toStrictEqual([1, 2, 3].map((attempt) => ({ id, attempt })))
      expect(await collect(bus.deadLetters.list())).toStrictEqual([])
    })

    it('goes on with later events of the community while one waits for its redelivery', async () => {
      await using harness = await open()
      const { bus } = harness
      const seen = new Arrivals<string>()
      const failing = due(community(1), 1).id
      const spec = consumer('meanwhile', ['ArchiveDue'], { backoffSeconds: [3600], concurrency: 1 })
      await using consumption = await bus.consume(spec, async ({ id }) => {
        seen.add(id)
        if (id === failing) throw new Error('not now')
      })
      for (const week of [1, 2, 3]) await bus.publish(due(community(1), week))
      await seen.count(3)
      await consumption.idle()
      expect(seen.all).toStrictEqual([1, 2, 3].map((week) => due(community(1), week).id))
    })

    it('keeps what waits for its redelivery across a restart', async () => {
      await using harness = await open()
      const spec = consumer('waits', ['ArchiveDue'], { backoffSeconds: [0.05], maxDeliveries: 1000 })
      const first = new Arrivals<Seen>()
      const consumption = await harness.bus.consume(spec, async ({ id }, { attempt }) => {
        first.add({ id, attempt })
        throw new Error('fails before the restart')
      })
      await harness.bus.publish(due(community(1), 1))
      await first.count(1)
      await consumption.idle()
      await consumption.drain()

      const bus = await harness.restart()
      const second = new Arrivals<Seen>()
      await using _consumption = await bus.consume(spec, async ({ id }, { attempt }) => second.add({ id, attempt }))
      const [again] = await second.count(1)
      expect(again?.id).toBe(due(community(1), 1).id)
      expect(again?.attempt).toBeGreaterThan(1)
    })

    it('does not count a delivery that the handler puts off', async () => {
      await using harness = await open()
      const { bus } = harness
      const seen = new Arrivals<Seen>()
      const spec = consumer('later', ['ArchiveDue'], { maxDeliveries: 2 })
      await using consumption = await bus.consume(spec, async ({ id }, { attempt }) => {
        seen.add({ id, attempt })
        if (seen.all.length <= 5) throw new RetryLaterError(0.005, 'the chain is not there yet')
      })
      await bus.publish(due(community(1), 1))
      await seen.count(6)
      await consumption.idle()
      expect(seen.all).toHaveLength(6)
      expect(await collect(bus.deadLetters.list())).toStrictEqual([])
    })

    it('does not count a delivery that gives up because the consumption stops', async () => {
      await using harness = await open()
      const { bus } = harness
      const spec = consumer('stopped', ['ArchiveDue'], { maxDeliveries: 1 })
      const started = new Arrivals<string>()
      const consumption = await bus.consume(spec, async ({ id }, { signal }) => {
        started.add(id)
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        signal.throwIfAborted()
      })
      await bus.publish(due(community(1), 1))
      await started.count(1)
      await consumption.drain()
      expect(await collect(bus.deadLetters.list())).toStrictEqual([])
      const again = new Arrivals<string>()
      await using _second = await bus.consume(spec, async ({ id }) => again.add(id))
      expect(await again.count(1)).toStrictEqual([due(community(1), 1).id])
    })
  })
}
