import type { WakuMessage } from '@annals/archive'
import * as fc from 'fast-check'
import type { MessageState, MessageStore } from '../message-store.ts'
import type { Collection } from '../state-store.ts'
import { collect } from './collect.ts'
import { message, topic } from './message-store-contract.ts'

export type Step<S> = (store: S) => Promise<unknown>

/** What each step comes to: its answer, or the fields of its error. */
export async function outcomes<S>(store: S, steps: readonly Step<S>[]): Promise<unknown[]> {
  const all: unknown[] = []
  for (const step of steps) {
    all.push(await step(store).catch((error: unknown) => ({ error: Object.entries(error as Error) })))
  }
  return all
}

export interface Task {
  readonly due: number | null
}

const ids = fc.constantFrom('', 'a', 'a%', 'a_b', 'ab', 'ä', '\u{1F600}', '\uFFFD')
const moments = fc.integer({ min: 0, max: 9 })
const offsets = fc.constantFrom(0, 0, 0, 0, 1, -1)

/** The version that the document has, or one beside it. */
async function versionNear(tasks: Collection<Task>, id: string, offset: number): Promise<number> {
  return Math.max(0, ((await tasks.get(id))?.version ?? 0) + offset)
}

export const stateSteps: fc.Arbitrary<Step<Collection<Task>>[]> = fc.array(
  fc.oneof(
    fc.record({ id: ids, due: fc.option(moments), offset: offsets }).map(({ id, due, offset }) => {
      return async (tasks: Collection<Task>) => tasks.put(id, { due }, await versionNear(tasks, id, offset))
    }),
    fc.record({ id: ids, offset: offsets }).map(({ id, offset }) => {
      return async (tasks: Collection<Task>) => tasks.delete(id, await versionNear(tasks, id, offset))
    }),
    fc
      .uniqueArray(fc.record({ id: ids, due: fc.option(moments), offset: offsets }), { selector: ({ id }) => id })
      .map((drawn) => async (tasks: Collection<Task>) => {
        const writes = []
        for (const { id, due, offset } of drawn)
          writes.push({ id, value: { due }, expectedVersion: await versionNear(tasks, id, offset) })
        const outcomes = await tasks.putMany(writes)
        return outcomes.map((outcome) => Object.entries(outcome))
      }),
    fc.record({ now: moments, leaseSeconds: fc.integer({ min: 1, max: 4 }) }).map(({ now, leaseSeconds }) => {
      return (tasks: Collection<Task>) => tasks.claimDue({ owner: 'one', now, leaseSeconds })
    }),
    fc.tuple(moments, fc.integer({ min: 1, max: 5 })).map(([now, limit]) => {
      return (tasks: Collection<Task>) => tasks.claimDueMany({ owner: 'two', now, leaseSeconds: 2 }, limit)
    }),
    fc.record({ id: ids, offset: offsets, now: moments, owner: fc.constantFrom('one', 'two') }).map((drawn) => {
      return async (tasks: Collection<Task>) => {
        const { id, offset, now, owner } = drawn
        const row = { id, version: await versionNear(tasks, id, offset), value: { due: null } }
        await tasks.extendClaim(row, { owner, now, leaseSeconds: 3 })
      }
    }),
    fc.constantFrom('', 'a', 'a%', '\u{1F600}').map((prefix) => {
      return (tasks: Collection<Task>) => collect(tasks.list({ prefix }))
    }),
    fc.constant((tasks: Collection<Task>) => tasks.nextDueAt()),
  ),
  { maxLength: 60 },
)

/** One of sixteen messages, four a second, of two topics. */
const messages = fc.array(
  fc.integer({ min: 0, max: 15 }).map((number): WakuMessage => {
    return message(`m${number}`, Math.floor(number / 4), { topic: topic(number % 2) })
  }),
  { maxLength: 12 },
)

const communities = fc.constantFrom('one', 'two')
const states = fc.constantFrom<MessageState[]>('pending', 'pending', 'archived', 'too-large')
const topics = fc.subarray([topic(0), topic(1), topic(2)])
const seconds = fc.integer({ min: -1, max: 5 })

export const messageSteps: fc.Arbitrary<Step<MessageStore>[]> = fc.array(
  fc.oneof(
    fc.tuple(communities, messages, states).map(([id, messages, state]) => {
      return (store: MessageStore) => store.ingest(id, messages, state)
    }),
    fc.tuple(communities, messages).map(([id, messages]) => {
      return (store: MessageStore) => store.settle(id, messages, 'archived')
    }),
    fc.tuple(communities, seconds, topics).map(([id, before, topics]) => {
      return async (store: MessageStore) => (await collect(store.pending(id, { before, topics }))).flat()
    }),
    fc.tuple(communities, seconds, seconds).map(([id, from, to]) => {
      return async (store: MessageStore) => (await collect(store.range(id, { from, to }))).flat()
    }),
    fc.tuple(communities, fc.option(topics, { nil: undefined })).map(([id, topics]) => {
      return (store: MessageStore) => store.summary(id, topics)
    }),
    fc.tuple(communities, fc.option(topics, { nil: undefined })).map(([id, topics]) => {
      return async (store: MessageStore) => [await store.span(id, topics), await store.pendingCount(id, topics)]
    }),
    communities.map((id) => (store: MessageStore) => store.deleteCommunity(id)),
  ),
  { maxLength: 40 },
)
