import type { StoredEvent } from '@annals/events'
import type { ServiceContext } from '@annals/service'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { communities } from '@annals/storage'
import { addControlled, eventsOf, messageOf, openTestNode, privateKeyOf, waitForEvent } from '@annals/service/testing'
import { expect, it } from 'vitest'
import { collector } from './collector.ts'

async function ask({ bus }: ServiceContext, communityId: string, number: number): Promise<void> {
  const id = `HistorySyncRequested/${communityId}/${number}`
  await bus.publish({ id, name: 'HistorySyncRequested', communityId, payload: { since: 1_000, until: 9_000 } })
}

async function answer(context: ServiceContext, communityId: string): Promise<StoredEvent<'HistorySynced'>['payload']> {
  return (await waitForEvent(context, communityId, 'HistorySynced')).payload
}

it('collector › answers a requested sync with the age of what the community’s chats hold', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  const messages = [3_000, 2_000, 4_000].map((timestamp) => messageOf(communityId, timestamp))
  const elsewhere = messageOf(communityId, 5_000, { channelId: 'unknown' })
  await context.messages.ingest(communityId, [...messages, elsewhere], 'pending')
  await node.start(collector)
  await ask(context, communityId, 1)
  expect(await answer(context, communityId)).toEqual({
    since: 1_000,
    until: 9_000,
    oldestMessage: 2_000,
    newestMessage: 4_000,
  })
})

it('collector › answers each request once, and says when there is no message at all', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = await addControlled(context)
  for (const number of [1, 2]) await ask(context, communityId, number)
  const running = await node.start(collector)
  const first = await waitForEvent(context, communityId, 'HistorySynced')
  await waitForEvent(context, communityId, 'HistorySynced', first.sequence)
  await running[Symbol.asyncDispose]()
  expect(first.payload.oldestMessage).toBeUndefined()
  expect((await eventsOf(context, communityId, 'HistorySynced')).map(({ id }) => id)).toEqual(
    [1, 2].map((number) => `HistorySynced/${communityId}/${number}`),
  )
})

it('collector › brings the row of a community up to date that a crash left behind', async () => {
  await using node = await openTestNode()
  const { context } = node
  const communityId = communityIdOfPrivateKey(privateKeyOf(3))
  const payload = { controlNode: false, chats: [], name: 'found' }
  await context.bus.publish({ id: `CommunityAdded/${communityId}/0`, name: 'CommunityAdded', communityId, payload })
  await node.start(collector)
  await ask(context, communityId, 1)
  await answer(context, communityId)
  expect((await context.state.collection(communities).get(communityId))?.value.name).toBe('found')
})
