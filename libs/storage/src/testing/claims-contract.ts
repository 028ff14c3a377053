import { describe, expect, it } from 'vitest'
import { StoredDocumentError, VersionConflictError } from '../errors.ts'
import type { Collection, CollectionDefinition } from '../state-store.ts'
import { rejection } from './collect.ts'
import type { OpenStateStore } from './state-store-contract.ts'

interface Task {
  readonly due?: number
}

const tasks: CollectionDefinition<Task> = {
  name: 'tasks',
  parse: (value) => value as Task,
  dueAt: (value) => value.due,
}

const claim = (
  now: number,
  owner = 'one',
  leaseSeconds = 60,
): { owner: string; now: number; leaseSeconds: number } => ({
  owner,
  now,
  leaseSeconds,
})

export function describeClaims(open: OpenStateStore): void {
  describe('claims', () => {
    it('takes what is due, the earliest first, and nothing else', async () => {
      await using harness = await open()
      const collection = harness.store.collection(tasks)
      await collection.put('late', { due: 300 }, 0)
      await collection.put('never', {}, 0)
      await collection.put('early', { due: 100 }, 0)
      await collection.put('middle', { due: 200 }, 0)
      expect(await collection.nextDueAt()).toBe(100)
      expect(await collection.claimDue(claim(99))).toBeUndefined()
      expect(await collection.claimDue(claim(250))).toStrictEqual({ id: 'early', version: 2, value: { due: 100 } })
      expect(await collection.claimDue(claim(250))).toMatchObject({ id: 'middle', version: 2 })
      expect(await collection.claimDue(claim(250))).toBeUndefined()
      expect(await collection.claimDue(claim(300))).toMatchObject({ id: 'late' })
    })

    it('says when there is next something to take', async () => {
      await using harness = await open()
      const collection = harness.store.collection(tasks)
      expect(await collection.nextDueAt()).toBeUndefined()
      await collection.put('a', { due: 100 }, 0)
      await collection.put('b', { due: 500 }, 0)
      await collection.claimDue(claim(100, 'one', 60))
      expect(await collection.nextDueAt()).toBe(160)
      await collection.claimDue(claim(160, 'one', 1000))
      expect(await collection.nextDueAt()).toBe(500)
    })

    it('gives a document to another owner only when its lease has run out', async () => {
      await using harness = await open()
      const collection = harness.store.collection(tasks)
      await collection.put('a', { due: 100 }, 0)
      expect(await collection.claimDue(claim(100, 'one', 60))).toMatchObject({ version: 2 })
      expect(await collection.claimDue(claim(159, 'two', 60))).toBeUndefined()
      expect(await collection.claimDue(claim(160, 'two', 60))).toMatchObject({ id: 'a', version: 3 })
    })

    it('lets an owner go on holding a document, and only the owner that still holds it', async () => {
      await using harness = await open()
      const collection = harness.store.collection(tasks)
      await collection.put('a', { due: 100 }, 0)
      const first = await collection.claimDue(claim(100, 'one', 10))
      if (first === undefined) throw new Error('nothing was due')
      await collection.extendClaim(first, claim(105, 'one', 10))
      expect(await collection.claimDue(claim(114, 'two'))).toBeUndefined()
      expect(await collection.claimDue(claim(115, 'two'))).toMatchObject({ id: 'a', version: 3 })
      expect(await rejection(collection.extendClaim(first, claim(116, 'one')))).toBeInstanceOf(VersionConflictError)
    })

    it('keeps claims across a restart', async () => {
      await using harness = await open()
      await harness.store.collection(tasks).put('a', { due: 100 }, 0)
      await harness.store.collection(tasks).claimDue(claim(100, 'one', 60))
      const collection = (await harness.restart()).collection(tasks)
      expect(await collection.claimDue(claim(120, 'two'))).toBeUndefined()
      expect(await collection.claimDue(claim(160, 'two'))).toMatchObject({ id: 'a', version: 3 })
    })

    it('refuses the write of an owner whose claim went to another', async () => {
      await using harness = await open()
      const collection = harness.store.collection(tasks)
      await collection.put('a', { due: 100 }, 0)
      const first = await collection.claimDue(claim(100, 'one', 10))
      const second = await collection.claimDue(claim(110, 'two', 10))
      const error = await rejection(collection.put('a', {}, first?.version ?? -1))
      expect(error).toBeInstanceOf(VersionConflictError)
      expect(error).toMatchObject({ id: 'a', expectedVersion: 2, actualVersion: 3 })
      expect(await collection.put('a', { due: 900 }, second?.version ?? -1)).toMatchObject({ version: 4 })
    })

    it('ends the claim with a write, which says when the document is due again', async () => {
      await using harness = await open()
      const collection = harness.store.collection(tasks)
      await collection.put('a', { due: 100 }, 0)
      const claimed = await collection.claimDue(claim(100, 'one', 1000))
      await collection.put('a', { due: 150 }, claimed?.version ?? -1)
      expect(await collection.nextDueAt()).toBe(150)
      const again = await collection.claimDue(claim(150, 'two'))
      expect(again).toMatchObject({ id: 'a', version: 4 })
      await collection.put('a', {}, again?.version ?? -1)
      expect(await collection.nextDueAt()).toBeUndefined()
      expect(await collection.claimDue(claim(10_000))).toBeUndefined()
    })

    it('gives each document to one of many who race for it', async () => {
      await using harness = await open()
      const stores = [harness.store, (await harness.openSecond?.()) ?? harness.store]
      const ids = Array.from({ length: 10 }, (_, index) => `task-${index}`)
      for (const id of ids) await harness.store.collection(tasks).put(id, { due: 100 }, 0)
      const claims = await Promise.all(
        Array.from({ length: 25 }, (_, index) => {
          const store = stores[index % stores.length] ?? harness.store
          return store.collection(tasks).claimDue(claim(100, `owner-${index}`))
        }),
      )
      const won = claims.filter((claimed) => claimed !== undefined)
      expect(won.map(({ id }) => id).sort()).toStrictEqual(ids)
      expect(won.every(({ version }) => version === 2)).toBe(true)
    })

    it('takes many at once, the earliest first and no more than there are', async () => {
      await using harness = await open()
      const collection = harness.store.collection(tasks)
      for (const due of [500, 100, 400, 300, 200]) await collection.put(`at ${due}`, { due }, 0)
      const first = await collection.claimDueMany(claim(450, 'one', 60), 2)
      expect(first).toStrictEqual([
        { id: 'at 100', version: 2, value: { due: 100 } },
        { id: 'at 200', version: 2, value: { due: 200 } },
      ])
      expect((await collection.claimDueMany(claim(450), 10)).map(({ id }) => id)).toStrictEqual(['at 300', 'at 400'])
      expect(await collection.claimDueMany(claim(450), 10)).toStrictEqual([])
      // What a lease gave back stands among the others by when it was due.
      expect((await collection.claimDueMany(claim(510), 3)).map(({ id }) => id)).toStrictEqual([
        'at 100',
        'at 200',
        'at 300',
      ])
    })

    it('finds what became due earlier than what it knew of', async () => {
      await using harness = await open()
      const collection = harness.store.collection(tasks)
      for (const due of [300, 400, 500]) await collection.put(`at ${due}`, { due }, 0)
      expect(await collection.claimDue(claim(1000))).toMatchObject({ id: 'at 300' })
      const second = ((await harness.openSecond?.()) ?? harness.store).collection(tasks)
      await second.put('at 450', { due: 450 }, 0)
      await second.put('at 350', { due: 350 }, 0)
      await second.put('at 400', { due: 700 }, 1)
      const ids = (await collection.claimDueMany(claim(1000), 3)).map(({ id }) => id)
      expect([...ids, (await collection.claimDue(claim(1000)))?.id]).toStrictEqual([
        'at 350',
        'at 450',
        'at 500',
        'at 400',
      ])
    })

    it('leaves out of many what is not of its form, and says so where there is nothing else', async () => {
      await using harness = await open()
      const loose = harness.store.collection<unknown>({ ...tasks, parse: (value) => value, dueAt: () => 100 })
      await loose.put('odd', 'no task', 0)
      const strict = harness.store.collection<Task>({
        ...tasks,
        parse: (value) => {
          if (typeof value !== 'object') throw new TypeError('no task')
          return value as Task
        },
      })
      await strict.put('even', { due: 100 }, 0)
      expect((await strict.claimDueMany(claim(100), 5)).map(({ id }) => id)).toStrictEqual(['even'])
      await strict.put('even', {}, 2)
      expect(await rejection(strict.claimDueMany(claim(200), 5))).toBeInstanceOf(StoredDocumentError)
    })

    it('gives each of many documents to one of many who take many at once', async () => {
      await using harness = await open()
      const stores = [harness.store, (await harness.openSecond?.()) ?? harness.store]
      const ids = Array.from({ length: 200 }, (_, index) => `task-${String(index).padStart(3, '0')}`)
      await harness.store.collection(tasks).putMany(ids.map((id) => ({ id, value: { due: 100 }, expectedVersion: 0 })))
      const won: string[] = []
      const takeAll = async (collection: Collection<Task>, owner: string): Promise<void> => {
        const rows = await collection.claimDueMany(claim(100, owner), 7)
        won.push(...rows.map(({ id }) => id))
        if (rows.length > 0) await takeAll(collection, owner)
      }
      await Promise.all(
        stores.flatMap((store) => ['a', 'b', 'c'].map((owner) => takeAll(store.collection(tasks), owner))),
      )
      expect(won.sort()).toStrictEqual(ids)
    })
  })
}
