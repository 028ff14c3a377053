import { describe, expect, it } from 'vitest'
import { InvalidDocumentIdError, StoredDocumentError, VersionConflictError } from '../errors.ts'
import type { Collection, CollectionDefinition, StateStore, Versioned } from '../state-store.ts'
import { describeClaims } from './claims-contract.ts'
import { collect, rejection } from './collect.ts'
import { byCodePoints } from './model-collection.ts'
import type { StoreHarness } from './store-harness.ts'

export type OpenStateStore = () => Promise<StoreHarness<StateStore>>

interface Note {
  readonly text: string
  readonly list?: readonly number[]
}

const notes: CollectionDefinition<Note> = {
  name: 'notes',
  parse: (value) => {
    if (typeof value !== 'object' || value === null || !('text' in value)) throw new TypeError('no note')
    return value as Note
  },
}

interface Counter {
  readonly count: number
}

/** The same collection as an older version knows it. */
const olderNotes: CollectionDefinition<Pick<Note, 'text'>> = {
  name: 'notes',
  parse: (value) => ({ text: notes.parse(value).text }),
}

const counters: CollectionDefinition<Counter> = { name: 'counters', parse: (value) => value as Counter }

/** What every adapter of the state store keeps to. `open` gives a new, empty store each time. */
export function describeStateStoreContract(name: string, open: OpenStateStore): void {
  describe(`${name} as a state store`, () => {
    describeDocuments(open)
    describeListing(open)
    describeClaims(open)
  })
}

function describeDocuments(open: OpenStateStore): void {
  describe('documents', () => {
    it('gives back what was put, with versions that grow by one', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      expect(await collection.get('a')).toBeUndefined()
      expect(await collection.put('a', { text: 'one ☃' }, 0)).toStrictEqual({
        id: 'a',
        version: 1,
        value: { text: 'one ☃' },
      })
      const second = await collection.put('a', { text: 'two', list: [1, 2.5, -3] }, 1)
      expect(second).toStrictEqual({ id: 'a', version: 2, value: { text: 'two', list: [1, 2.5, -3] } })
      expect(await collection.get('a')).toStrictEqual(second)
    })

    it('keeps what an older version does not know, which changes what it knows', async () => {
      await using harness = await open()
      await harness.store.collection(notes).put('a', { text: 'one', list: [1] }, 0)
      const older = harness.store.collection(olderNotes)
      const row = await older.get('a')
      const written = await older.put('a', { ...row?.value, text: 'two' }, 1)
      expect((await older.put('a', { ...written.value, text: 'three' }, 2)).value.text).toBe('three')
      for await (const { value } of older.list()) expect(value).toStrictEqual({ text: 'three', list: [1] })
      expect((await harness.store.collection(notes).get('a'))?.value).toStrictEqual({ text: 'three', list: [1] })
    })

    it('keeps what was acknowledged across a restart and a kill', async () => {
      await using harness = await open()
      const put = await harness.store.collection(notes).put('a', { text: 'kept' }, 0)
      const restarted = await harness.restart()
      expect(await restarted.collection(notes).get('a')).toStrictEqual(put)
      const again = await restarted.collection(notes).put('a', { text: 'kept again' }, 1)
      const crashed = await harness.crash()
      expect(await crashed.collection(notes).get('a')).toStrictEqual(again)
    })

    it('keeps everything as it is when it is scrubbed', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      await collection.put('a', { text: 'one' }, 0)
      const kept = await collection.put('a', { text: 'two' }, 1)
      await harness.store.scrub()
      expect(await collection.get('a')).toStrictEqual(kept)
    })

    it('keeps collections apart', async () => {
      await using harness = await open()
      await harness.store.collection(notes).put('a', { text: 'here' }, 0)
      const others = harness.store.collection({ ...notes, name: 'other-notes' })
      expect(await others.get('a')).toBeUndefined()
      expect(await collect(others.list())).toStrictEqual([])
    })

    it('refuses a write with another version than the document has, and writes nothing', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      const missing = await rejection(collection.put('a', { text: 'x' }, 3))
      expect(missing).toBeInstanceOf(VersionConflictError)
      expect(missing).toMatchObject({ collection: 'notes', id: 'a', expectedVersion: 3, actualVersion: 0 })
      const { version } = await collection.put('a', { text: 'first' }, 0)
      for (const expectedVersion of [0, version - 1, version + 1]) {
        const error = await rejection(collection.put('a', { text: 'second' }, expectedVersion))
        expect(error).toBeInstanceOf(VersionConflictError)
        expect(error).toMatchObject({ expectedVersion, actualVersion: version })
      }
      expect(await collection.get('a')).toMatchObject({ version, value: { text: 'first' } })
    })

    it('writes many at once, each for itself', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      await collection.put('old', { text: 'old' }, 0)
      await collection.put('changed', { text: 'once' }, 0)
      await collection.put('changed', { text: 'twice' }, 1)
      const outcomes = await collection.putMany([
        { id: 'new', value: { text: 'new' }, expectedVersion: 0 },
        { id: 'changed', value: { text: 'too late' }, expectedVersion: 1 },
        { id: 'old', value: { text: 'newer' }, expectedVersion: 1 },
        { id: 'missing', value: { text: 'nowhere' }, expectedVersion: 4 },
        { id: 'also changed', value: { text: 'also new' }, expectedVersion: 0 },
      ])
      expect(outcomes.map((outcome) => outcome instanceof VersionConflictError)).toStrictEqual([
        false,
        true,
        false,
        true,
        false,
      ])
      expect(outcomes[0]).toStrictEqual({ id: 'new', version: 1, value: { text: 'new' } })
      expect(outcomes[1]).toMatchObject({ collection: 'notes', id: 'changed', expectedVersion: 1, actualVersion: 2 })
      expect(outcomes[2]).toStrictEqual({ id: 'old', version: 2, value: { text: 'newer' } })
      expect(outcomes[3]).toMatchObject({ id: 'missing', expectedVersion: 4, actualVersion: 0 })
      expect((await collect(collection.list())).map(({ id, value }) => `${id}: ${value.text}`)).toStrictEqual([
        'also changed: also new',
        'changed: twice',
        'new: new',
        'old: newer',
      ])
      expect(await collection.putMany([])).toStrictEqual([])
    })

    it('writes none of many if one could not be stored', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      const good = { id: 'good', value: { text: 'good' }, expectedVersion: 0 }
      const odd = { id: 'odd', value: {} as Note, expectedVersion: 0 }
      expect(await rejection(collection.putMany([good, odd]))).toBeInstanceOf(StoredDocumentError)
      expect(await rejection(collection.putMany([good, { ...good, id: 'with \0' }]))).toBeInstanceOf(
        InvalidDocumentIdError,
      )
      expect(await collect(collection.list())).toStrictEqual([])
    })

    it('lists long ones among many short ones whole and in order', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      // Of each a hundred there is one of a mebibyte: more than is read at once.
      const writes = Array.from({ length: 1_300 }, (_, at) => ({
        id: String(at).padStart(4, '0'),
        value: { text: 'x'.repeat(at % 100 === 0 ? 1_048_576 : at) },
        expectedVersion: 0,
      }))
      for (let from = 0; from < writes.length; from += 300) await collection.putMany(writes.slice(from, from + 300))
      const listed: [string, number][] = []
      for await (const { id, value } of collection.list()) listed.push([id, value.text.length])
      expect(listed).toStrictEqual(writes.map(({ id, value }) => [id, value.text.length]))
    })

    it('keeps thousands that are written at once', async () => {
      await using harness = await open()
      const collection = harness.store.collection(counters)
      const writes = Array.from({ length: 3000 }, (_, count) => ({
        id: `${count}`,
        value: { count },
        expectedVersion: 0,
      }))
      const outcomes = await collection.putMany(writes)
      expect(outcomes.every((outcome, index) => !(outcome instanceof Error) && outcome.value.count === index)).toBe(
        true,
      )
      expect(await collect((await harness.crash()).collection(counters).list())).toHaveLength(3000)
    })

    it('gives back every JSON value as it was put', async () => {
      await using harness = await open()
      const collection = harness.store.collection({ name: 'values', parse: (value) => value })
      const values = [
        JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
        { 'a.b': 1, $set: { $where: 2 }, '': 3, 'nul \0': 'nul \0', ' ': null },
        { $id: 1, $ref: 'x', $db: 'y', _bsontype: 'Long', $numberLong: '1', $oid: '0'.repeat(24) },
        { b: 1, a: { d: [[], {}, [null]], c: false } },
        [2 ** 53, 2 ** 60, -(2 ** 63), 1e300, 5e-324, 1.5, 2 ** 31, -(2 ** 31) - 1, 0],
        'half a \uD83D pair',
        0,
        '',
        null,
        true,
        [],
        {},
      ]
      for (const [index, value] of values.entries()) await collection.put(`${index}`, value, 0)
      const store = await harness.restart()
      for (const [index, value] of values.entries()) {
        const found = await store.collection({ name: 'values', parse: (value) => value }).get(`${index}`)
        expect(JSON.stringify(found?.value)).toBe(JSON.stringify(value))
      }
      expect(Object.hasOwn({}, 'polluted')).toBe(false)
    })

    it('lets one of many racing writers win each time', async () => {
      await using harness = await open()
      const stores = [harness.store, (await harness.openSecond?.()) ?? harness.store]
      const collections = stores.map((store) => store.collection(counters))
      const count = async (collection: Collection<Counter>): Promise<void> => {
        const found = await collection.get('counter')
        const next = { count: (found?.value.count ?? 0) + 1 }
        const error = await collection.put('counter', next, found?.version ?? 0).catch((error: unknown) => error)
        if (error instanceof VersionConflictError) await count(collection)
      }
      await Promise.all(Array.from({ length: 6 }, () => collections.map(count)).flat())
      expect(await collections[0]?.get('counter')).toMatchObject({ version: 12, value: { count: 12 } })
    })

    it('deletes the version that was seen, and takes a missing document for deleted', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      await collection.delete('a', 1)
      await collection.put('a', { text: 'x' }, 0)
      const error = await rejection(collection.delete('a', 2))
      expect(error).toBeInstanceOf(VersionConflictError)
      expect(error).toMatchObject({ id: 'a', expectedVersion: 2, actualVersion: 1 })
      expect(await collection.get('a')).toBeDefined()
      await collection.delete('a', 1)
      expect(await collection.get('a')).toBeUndefined()
      expect(await collection.put('a', { text: 'anew' }, 0)).toMatchObject({ version: 1 })
    })

    it('says which stored document is not of the form that its collection asks for', async () => {
      await using harness = await open()
      const loose = harness.store.collection<unknown>({ name: 'notes', parse: (value) => value })
      await loose.put('odd', { other: true }, 0)
      const collection = harness.store.collection(notes)
      for (const reading of [collection.get('odd'), collect(collection.list())]) {
        const error = await rejection(reading)
        expect(error).toBeInstanceOf(StoredDocumentError)
        expect(error).toMatchObject({ collection: 'notes', id: 'odd' })
        expect((error as Error).cause).toBeInstanceOf(TypeError)
      }
    })

    it('keeps a document of a megabyte', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      const text = 'ä'.repeat(500_000)
      await collection.put('large', { text }, 0)
      expect((await collection.get('large'))?.value.text === text).toBe(true)
    })
  })
}

const awkwardIds = [
  '',
  ' ',
  '%',
  '_',
  '.',
  '..',
  '.*',
  '$where',
  'a',
  'a%b',
  'a.b',
  'a/b',
  'a_b',
  'aXb',
  'A',
  'ab',
  'a\nb',
  'ä',
  'a\u0308',
  'z',
  '\uFFFD',
  '\u{1F600}',
  '\u{1F600}x',
]

function describeListing(open: OpenStateStore): void {
  describe('listing', () => {
    it('lists every id, awkward ones as well, in the order of its code points', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      for (const id of awkwardIds.toReversed()) await collection.put(id, { text: id }, 0)
      const listed = await collect(collection.list())
      expect(listed.map(({ id }) => id)).toStrictEqual(awkwardIds.toSorted(byCodePoints))
      for (const { id, version, value } of listed) {
        expect({ version, value }).toStrictEqual({ version: 1, value: { text: id } })
      }
    })

    it('lists by prefix, taking no character for a pattern', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      for (const id of awkwardIds) await collection.put(id, { text: id }, 0)
      for (const prefix of awkwardIds) {
        const listed = await collect(collection.list({ prefix }))
        const expected = awkwardIds.filter((id) => id.startsWith(prefix)).sort(byCodePoints)
        expect(listed.map(({ id }) => id)).toStrictEqual(expected)
      }
    })

    it('lists many documents while they are written', async () => {
      await using harness = await open()
      const collection = harness.store.collection(notes)
      const ids = Array.from({ length: 700 }, (_, index) => `note-${String(index).padStart(4, '0')}`)
      await Promise.all(ids.map((id) => collection.put(id, { text: id }, 0)))
      const seen: Versioned<Note>[] = []
      for await (const document of collection.list({ prefix: 'note-' })) {
        seen.push(document)
        await collection.put(document.id, { text: 'seen' }, document.version)
      }
      expect(seen.map(({ id }) => id)).toStrictEqual(ids)
      expect(seen.every(({ version }) => version === 1)).toBe(true)
    })
  })
}
