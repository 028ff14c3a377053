import { describe, expect, it } from 'vitest'
import { SeedBusyError } from './seed-errors.ts'
import { ServingPlaces } from './serving-places.ts'

const limits = { places: 2, placesOfAddress: 1, waiting: 2, waitMilliseconds: 60_000 }
const { signal } = new AbortController()

describe('ServingPlaces', () => {
  it('lets no more in than there are places, and the next one as soon as one is free', async () => {
    const places = new ServingPlaces(limits)
    const first = await places.take('a', signal)
    await places.take('b', signal)
    const waiting = places.take('c', signal)
    expect(places).toMatchObject({ taken: 2, waiting: 1 })
    first[Symbol.dispose]()
    using _third = await waiting
    expect(places).toMatchObject({ taken: 2, waiting: 0 })
  })

  it('gives one address no more than its share, and others pass by it', async () => {
    const places = new ServingPlaces(limits)
    const first = await places.take('a', signal)
    const again = places.take('a', signal)
    const other = await places.take('b', signal)
    expect(places).toMatchObject({ taken: 2, waiting: 1 })
    other[Symbol.dispose]()
    expect(places).toMatchObject({ taken: 1, waiting: 1 })
    first[Symbol.dispose]()
    ;(await again)[Symbol.dispose]()
    expect(places).toMatchObject({ taken: 0, waiting: 0 })
  })

  it('turns away who would wait behind too many, or too long', async () => {
    const places = new ServingPlaces({ ...limits, waiting: 1, waitMilliseconds: 1 })
    await places.take('a', signal)
    const waiting = places.take('a', signal)
    await expect(places.take('a', signal)).rejects.toThrow(SeedBusyError)
    await expect(waiting).rejects.toThrow(SeedBusyError)
    expect(places).toMatchObject({ taken: 1, waiting: 0 })
  })

  it('forgets who goes away while waiting', async () => {
    const places = new ServingPlaces(limits)
    const gone = new AbortController()
    const first = await places.take('a', signal)
    const waiting = places.take('a', gone.signal)
    gone.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    first[Symbol.dispose]()
    expect(places).toMatchObject({ taken: 0, waiting: 0 })
  })

  it('hands the place on where one goes away in the moment of being let in', async () => {
    const places = new ServingPlaces({ ...limits, places: 1 })
    const gone = new AbortController()
    const first = await places.take('a', signal)
    const waiting = places.take('b', gone.signal)
    gone.abort(new Error('gone'))
    first[Symbol.dispose]()
    await expect(waiting).rejects.toThrow('gone')
    expect(places.taken).toBe(0)
  })
})
