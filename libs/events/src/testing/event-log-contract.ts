import { describe, expect, it } from 'vitest'
import { EventTooLargeError, LostEventError } from '../errors.ts'
import type { StoredEvent } from '../event-types.ts'
import { Arrivals, collect } from './collect.ts'
import { community, due, unseeded, type OpenEventBus } from './event-bus-harness.ts'

export function describeLog(open: OpenEventBus): void {
  describe('log', () => {
    it('answers with growing positions, and the last of them is the end of the log', async () => {
      await using harness = await open()
      const { bus } = harness
      expect(await bus.lastSequence()).toBe(0)
      const first = await bus.publish(due(community(1), 1))
      const second = await bus.publish(due(community(1), 2))
      expect(first.duplicate).toBe(false)
      expect(second.sequence).toBeGreaterThan(first.sequence)
      expect(await bus.lastSequence()).toBe(second.sequence)
    })

    it('takes an id once and answers the position of the first one to all others', async () => {
      await using harness = await open()
      const { bus } = harness
      const answers = await Promise.all(Array.from({ length: 5 }, () => bus.publish(due(community(1), 1))))
      const later = await bus.publish(due(community(1), 1))
      expect(answers.filter((answer) => !answer.duplicate)).toHaveLength(1)
      expect(later.duplicate).toBe(true)
      expect(new Set([...answers, later].map((answer) => answer.sequence)).size).toBe(1)
      expect(await collect(bus.read())).toHaveLength(1)
    })

    it('remembers ids across a restart', async () => {
      await using harness = await open()
      const first = await harness.bus.publish(due(community(1), 1))
      const bus = await harness.restart()
      expect(await bus.publish(due(community(1), 1))).toStrictEqual({ sequence: first.sequence, duplicate: true })
    })

    it('keeps all parts of an event', async () => {
      await using harness = await open()
      const event = unseeded(community(7), 'left out ☃ \u{1F600}')
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const { sequence } = await harness.bus.publish(event, {
        source: 'seeder',
        traceparent,
        timeMilliseconds: 1_700_000_000_123,
      })
      await harness.bus.publish(due(community(7), 1), { source: 'scheduler' })
      const bus = await harness.restart()
      const [read, plain] = await collect(bus.read())
      expect(read).toStrictEqual({
        ...event,
        sequence,
        source: 'seeder',
        traceparent,
        timeMilliseconds: 1_700_000_000_123,
      })
      expect(plain).not.toHaveProperty('traceparent')
      expect(plain?.timeMilliseconds).toBeGreaterThan(0)
    })

    it('loses nothing that was acknowledged when the process is killed', async () => {
      await using harness = await open()
      const published = await Promise.all([1, 2, 3].map((week) => harness.bus.publish(due(community(1), week))))
      const bus = await harness.crash()
      expect((await collect(bus.read())).map((event) => event.sequence)).toStrictEqual(
        published.map((answer) => answer.sequence),
      )
    })

    it('refuses a payload above the limit and says how large it is', async () => {
      await using harness = await open()
      const event = unseeded(community(1), 'x'.repeat(2 * 1024 * 1024))
      const error = await harness.bus.publish({ ...event, id: 'Unseeded/large' }).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(EventTooLargeError)
      expect(error).toMatchObject({ eventId: 'Unseeded/large' })
      expect((error as EventTooLargeError).sizeBytes).toBeGreaterThan((error as EventTooLargeError).limitBytes)
      expect(await harness.bus.lastSequence()).toBe(0)
    })

    it('refuses to read on behind an event that it does not hold there', async () => {
      await using harness = await open()
      const { bus } = harness
      const events = [due(community(1), 1), due(community(2), 1), due(community(1), 2)] as const
      for (const event of events) await bus.publish(event)
      const [{ id: afterId }, other, next] = events
      const communityId = community(1)
      for (const narrowed of [{}, { follow: true }, { communityId, follow: true }]) {
        const read = collect(bus.read({ ...narrowed, after: 1, afterId: other.id }))
        await expect(read).rejects.toBeInstanceOf(LostEventError)
      }
      for (const narrowed of [{}, { communityId }, { communityId, names: ['ArchiveDue'] as const }]) {
        // Again, since an adapter may remember what it found.
        for (const round of [1, 2]) {
          const read = (await collect(bus.read({ ...narrowed, after: 1, afterId }))).map(({ id }) => id)
          expect(read, `round ${round}`).toContain(next.id)
          expect(read).not.toContain(afterId)
          for (const after of [0, 2, 3, 4]) {
            const error = await collect(bus.read({ ...narrowed, after, afterId })).catch((error: unknown) => error)
            expect(error).toBeInstanceOf(LostEventError)
            expect(error).toMatchObject({ sequence: after, eventId: afterId })
          }
          const error = await collect(bus.read({ ...narrowed, after: 1, afterId: other.id })).catch((e: unknown) => e)
          expect(error).toBeInstanceOf(LostEventError)
        }
        await bus.publish(unseeded(communityId, JSON.stringify(narrowed)))
        const { sequence, id } = (await collect(bus.read())).at(-1)!
        expect(await collect(bus.read({ ...narrowed, after: sequence, afterId: id }))).toStrictEqual([])
      }
    })

    it('reads from any position, by names and by community, in log order', async () => {
      await using harness = await open()
      const { bus } = harness
      const events = [1, 2, 3].flatMap((week) => [
        due(community(1), week),
        due(community(2), week),
        unseeded(community(1), `reason ${week}`),
      ])
      const sequences: number[] = []
      for (const event of events) sequences.push((await bus.publish(event)).sequence)
      const ids = async (options: Parameters<typeof bus.read>[0]): Promise<string[]> =>
        (await collect(bus.read(options))).map((event) => event.id)

      expect(await ids({})).toStrictEqual(events.map((event) => event.id))
      for (const [index, after] of sequences.entries()) {
        expect(await ids({ after })).toStrictEqual(events.slice(index + 1).map((event) => event.id))
      }
      const wanted = (test: (event: (typeof events)[number]) => boolean): string[] =>
        events.filter(test).map((event) => event.id)
      expect(await ids({ names: ['Unseeded'] })).toStrictEqual(wanted((event) => event.name === 'Unseeded'))
      expect(await ids({ names: ['Unseeded', 'ArchiveDue'] })).toHaveLength(events.length)
      expect(await ids({ names: ['CommunityLeft'] })).toStrictEqual([])
      expect(await ids({ communityId: community(2) })).toStrictEqual(
        wanted((event) => event.communityId === community(2)),
      )
      expect(await ids({ communityId: community(1), names: ['ArchiveDue'], after: sequences[0] })).toStrictEqual(
        wanted((event) => event.communityId === community(1) && event.name === 'ArchiveDue').slice(1),
      )
      expect(await ids({ communityId: community(3) })).toStrictEqual([])
    })

    it('reads a long log in pages, also when the reader stops early', async () => {
      await using harness = await open()
      const { bus } = harness
      const events = Array.from({ length: 1500 }, (_, index) => due(community(index % 7), index))
      await Promise.all(events.map((event) => bus.publish(event)))
      expect((await collect(bus.read())).map((event) => event.id)).toStrictEqual(events.map((event) => event.id))
      for await (const event of bus.read()) {
        expect(event.id).toBe(events[0]?.id)
        break
      }
      expect((await bus.publish(unseeded(community(1), 'while a reader stopped'))).duplicate).toBe(false)
    })

    it('follows the log: what is there, then what comes, until the signal aborts', async () => {
      await using harness = await open()
      const { bus } = harness
      await bus.publish(due(community(1), 1))
      const stop = new AbortController()
      const seen = new Arrivals<StoredEvent>()
      const following = (async () => {
        for await (const event of bus.read({ follow: true, signal: stop.signal, names: ['ArchiveDue'] }))
          seen.add(event)
      })()
      await seen.count(1)
      await bus.publish(unseeded(community(1), 'not asked for'))
      await bus.publish(due(community(1), 2))
      await seen.count(2)
      await Promise.all([3, 4, 5].map((week) => bus.publish(due(community(1), week))))
      await seen.count(5)
      stop.abort()
      await following
      expect(seen.all.map((event) => event.id)).toStrictEqual([1, 2, 3, 4, 5].map((week) => due(community(1), week).id))
    })
  })
}
