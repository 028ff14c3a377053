import { describe, expect, it } from 'vitest'
import { Arrivals } from './collect.ts'
import { community, consumer, due, unseeded, type OpenEventBus } from './event-bus-harness.ts'

export function describeConsuming(open: OpenEventBus): void {
  describe('consumers', () => {
    it('hands a new consumer the whole log, and then what comes', async () => {
      await using harness = await open()
      const { bus } = harness
      const seen = new Arrivals<string>()
      await bus.publish(due(community(1), 1))
      await using _consumption = await bus.consume(consumer('archiver', ['ArchiveDue']), async (event) => {
        seen.add(event.id)
      })
      await seen.count(1)
      await bus.publish(due(community(2), 1))
      await seen.count(2)
      expect(seen.all).toStrictEqual([due(community(1), 1).id, due(community(2), 1).id])
    })

    it('hands only what comes to a new consumer that begins at the end', async () => {
      await using harness = await open()
      const { bus } = harness
      await bus.publish(due(community(1), 1))
      const seen = new Arrivals<string>()
      const spec = consumer('late', ['ArchiveDue'], { startFrom: 'end' })
      await using consumption = await bus.consume(spec, async (event) => seen.add(event.id))
      await bus.publish(due(community(1), 2))
      await seen.count(1)
      await consumption.idle()
      expect(seen.all).toStrictEqual([due(community(1), 2).id])
    })

    it('counts what is not handled, under way and behind it, and of its names only', async () => {
      await using harness = await open()
      const { bus } = harness
      const begun = new Arrivals<string>()
      const mayEnd = Promise.withResolvers<void>()
      await using consumption = await bus.consume(consumer('slow', ['ArchiveDue']), async (event) => {
        begun.add(event.id)
        await mayEnd.promise
      })
      expect(await consumption.lag()).toBe(0)
      await bus.publish(unseeded(community(1), 'one'))
      for (const week of [1, 2, 3]) await bus.publish(due(community(1), week))
      await begun.count(1)
      expect(await consumption.lag()).toBe(3)
      mayEnd.resolve()
      await begun.count(3)
      await consumption.idle()
      expect(await consumption.lag()).toBe(0)
    })

    it('hands out the events of its names only', async () => {
      await using harness = await open()
      const { bus } = harness
      await bus.publish(due(community(1), 1))
      await bus.publish(unseeded(community(1), 'one'))
      const seen = new Arrivals<string>()
      await using consumption = await bus.consume(consumer('names', ['Unseeded']), async (event) => {
        seen.add(event.payload.reason)
      })
      await seen.count(1)
      await consumption.idle()
      expect(seen.all).toStrictEqual(['one'])
    })

    it('goes on with a community whose handler ends after that of another one which began with it', async () => {
      await using harness = await open()
      const { bus } = harness
      const [first, second] = [community(1), community(2)]
      for (const one of [first, second]) for (const week of [1, 2]) await bus.publish(due(one, week))
      const begun = new Arrivals<string>()
      const secondMayEnd = Promise.withResolvers<void>()
      const spec = consumer('side-by-side', ['ArchiveDue'], { concurrency: 2 })
      await using consumption = await bus.consume(spec, async (event) => {
        begun.add(event.id)
        if (event.communityId === second) await secondMayEnd.promise
      })
      // Both began; the first one's end is written down by the time its next event is handed out.
      await begun.until((all) => [due(first, 2), due(second, 1)].every(({ id }) => all.includes(id)))
      secondMayEnd.resolve()
      await consumption.idle()
      expect(begun.all.toSorted()).toStrictEqual(
        [due(first, 1), due(first, 2), due(second, 1), due(second, 2)].map(({ id }) => id).toSorted(),
      )
    })

    it('goes on where it was after a restart: what was acknowledged does not come again', async () => {
      await using harness = await open()
      const spec = consumer('durable', ['ArchiveDue'], { startFrom: 'end' })
      const first = new Arrivals<string>()
      const consumption = await harness.bus.consume(spec, async (event) => first.add(event.id))
      await harness.bus.publish(due(community(1), 1))
      await first.count(1)
      await consumption.idle()
      await consumption.drain()
      await harness.bus.publish(due(community(1), 2))

      const bus = await harness.restart()
      await bus.publish(due(community(1), 3))
      const second = new Arrivals<string>()
      await using again = await bus.consume(spec, async (event) => second.add(event.id))
      await second.count(2)
      await again.idle()
      expect(second.all).toStrictEqual([due(community(1), 2).id, due(community(1), 3).id])
    })

    it('hands an event out again that was with its handler when the process was killed', async () => {
      await using harness = await open()
      const started = new Arrivals<string>()
      const spec = consumer('killed', ['ArchiveDue'])
      await harness.bus.publish(due(community(1), 1))
      await harness.bus.publish(due(community(1), 2))
      await harness.bus.consume(spec, async (event, { signal }) => {
        started.add(event.id)
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      })
      await started.count(1)
      const bus = await harness.crash()
      const seen = new Arrivals<{ id: string; attempt: number }>()
      await using consumption = await bus.consume(spec, async ({ id }, { attempt }) => seen.add({ id, attempt }))
      await seen.count(2)
      await consumption.idle()
      expect(new Set(seen.all.map(({ id }) => id))).toStrictEqual(
        new Set([1, 2].map((week) => due(community(1), week).id)),
      )
      expect(seen.all.every(({ attempt }) => attempt >= 1)).toBe(true)
    })

    it('hands every consumer every event', async () => {
      await using harness = await open()
      const { bus } = harness
      const seen = [new Arrivals<string>(), new Arrivals<string>()]
      for (const [index, arrivals] of seen.entries()) {
        await bus.consume(consumer(`side-${index}`, ['ArchiveDue']), async (event) => arrivals.add(event.id))
      }
      await bus.publish(due(community(1), 1))
      for (const arrivals of seen) expect(await arrivals.count(1)).toStrictEqual([due(community(1), 1).id])
    })

    it('hands a community its events one at a time and in log order, many communities side by side', async () => {
      await using harness = await open()
      const { bus } = harness
      const communities = [1, 2, 3].map(community)
      for (const week of [1, 2, 3, 4]) {
        for (const communityId of communities) await bus.publish(due(communityId, week))
      }
      const seen = new Arrivals<string>()
      const together = new Arrivals<string>()
      const busy = new Set<string>()
      const overlaps: string[] = []
      await using consumption = await bus.consume(
        consumer('serial', ['ArchiveDue'], { concurrency: 3 }),
        async (event) => {
          if (busy.has(event.communityId)) overlaps.push(event.id)
          busy.add(event.communityId)
          together.add(event.communityId)
          // All three must be at it at once before any of them may finish.
          await together.count(3)
          busy.delete(event.communityId)
          seen.add(event.id)
        },
      )
      await seen.count(12)
      await consumption.idle()
      expect(overlaps).toStrictEqual([])
      for (const communityId of communities) {
        const ids = seen.all.filter((id) => id.includes(communityId))
        expect(ids).toStrictEqual([1, 2, 3, 4].map((week) => due(communityId, week).id))
      }
    })

    it('has no more events with the handler than its concurrency', async () => {
      await using harness = await open()
      const { bus } = harness
      await Promise.all(Array.from({ length: 12 }, (_, index) => bus.publish(due(community(index), 1))))
      const seen = new Arrivals<number>()
      let busy = 0
      await using _consumption = await bus.consume(
        consumer('limited', ['ArchiveDue'], { concurrency: 2 }),
        async () => {
          busy += 1
          const most = busy
          await new Promise((resolve) => setImmediate(resolve))
          busy -= 1
          seen.add(most)
        },
      )
      expect(Math.max(...(await seen.count(12)))).toBe(2)
    })

    it('lets a community with much to do not hold up the others', async () => {
      await using harness = await open()
      const { bus } = harness
      await Promise.all(Array.from({ length: 600 }, (_, week) => bus.publish(due(community(1), week))))
      await bus.publish(due(community(2), 1))
      const other = new Arrivals<string>()
      await using _consumption = await bus.consume(
        consumer('fair', ['ArchiveDue'], { concurrency: 2 }),
        async (event) => {
          if (event.communityId === community(2)) other.add(event.id)
          else await other.count(1)
        },
      )
      expect(await other.count(1)).toStrictEqual([due(community(2), 1).id])
    })

    it('takes further names into an existing consumer', async () => {
      await using harness = await open()
      const { bus } = harness
      const seen = new Arrivals<string>()
      const before = await bus.consume(consumer('wider', ['ArchiveDue']), async (event) => seen.add(event.id))
      await bus.publish(due(community(1), 1))
      await seen.count(1)
      await before.idle()
      await before.drain()
      await using after = await bus.consume(consumer('wider', ['ArchiveDue', 'Unseeded']), async (event) => {
        seen.add(event.id)
      })
      await bus.publish(unseeded(community(1), 'new name'))
      await bus.publish(due(community(1), 2))
      await seen.count(3)
      await after.idle()
      expect(seen.all).toStrictEqual([
        due(community(1), 1).id,
        unseeded(community(1), 'new name').id,
        due(community(1), 2).id,
      ])
    })

    it('drains: tells handlers, waits for those under way, and takes nothing new', async () => {
      await using harness = await open()
      const { bus } = harness
      const log: string[] = []
      const started = new Arrivals<string>()
      const spec = consumer('draining', ['ArchiveDue'])
      const consumption = await bus.consume(spec, async (event, { signal }) => {
        started.add(event.id)
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        await bus.publish(unseeded(event.communityId, 'effect of a handler that finishes'))
        log.push('handler done')
      })
      await bus.publish(due(community(1), 1))
      await started.count(1)
      await bus.publish(due(community(1), 2))
      await consumption.drain()
      log.push('drained')
      expect(log).toStrictEqual(['handler done', 'drained'])
      expect(started.all).toStrictEqual([due(community(1), 1).id])

      const rest = new Arrivals<string>()
      await using again = await bus.consume(spec, async (event) => rest.add(event.id))
      await rest.count(1)
      await again.idle()
      expect(rest.all).toStrictEqual([due(community(1), 2).id])
    })

    it('is idle when nothing that is due waits or is under way', async () => {
      await using harness = await open()
      const { bus } = harness
      let done = 0
      await using consumption = await bus.consume(consumer('idle', ['ArchiveDue']), async (event, delivery) => {
        delivery.working()
        await new Promise((resolve) => setImmediate(resolve))
        if (event.payload.from === 604_800) await bus.publish(due(event.communityId, 50))
        done += 1
      })
      await consumption.idle()
      await Promise.all([1, 2, 3, 4].map((week) => bus.publish(due(community(week), week))))
      await consumption.idle()
      expect(done).toBe(5)
    })
  })
}
