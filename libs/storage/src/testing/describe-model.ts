import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageStore } from '../message-store.ts'
import type { CollectionDefinition, StateStore } from '../state-store.ts'
import { ModelCollection } from './model-collection.ts'
import { ModelMessages } from './model-messages.ts'
import { messageSteps, outcomes, stateSteps, type Task } from './model-steps.ts'
import type { StoreHarness } from './store-harness.ts'

/** Any sequence of calls comes to the same as with a model in plain words. */
export function describeStoresBesideModel(
  name: string,
  openState: () => Promise<StoreHarness<StateStore>>,
  openMessages: () => Promise<StoreHarness<MessageStore>>,
  numRuns: number,
): void {
  describe(`${name} stores beside a plain model`, () => {
    it('documents: the same answers to any sequence of calls', async () => {
      await using harness = await openState()
      let run = 0
      await fc.assert(
        fc.asyncProperty(stateSteps, async (steps) => {
          run += 1
          const tasks: CollectionDefinition<Task> = {
            name: `tasks-${run}`,
            parse: (value) => value as Task,
            dueAt: ({ due }) => due ?? undefined,
          }
          const expected = await outcomes(new ModelCollection(tasks), steps)
          expect(await outcomes(harness.store.collection(tasks), steps)).toStrictEqual(expected)
        }),
        { numRuns },
      )
    })

    it('messages: the same answers to any sequence of calls', async () => {
      await using harness = await openMessages()
      const { store } = harness
      await fc.assert(
        fc.asyncProperty(messageSteps, async (steps) => {
          for (const id of ['one', 'two']) await store.deleteCommunity(id)
          const expected = await outcomes<MessageStore>(new ModelMessages(), steps)
          expect(await outcomes<MessageStore>(store, steps)).toStrictEqual(expected)
        }),
        { numRuns },
      )
    })
  })
}
