import type { ServiceContext, ServiceDefinition } from '@annals/service'
import { communityEventNames } from '@annals/community'
import { FollowRounds, Membership, Share, consumerDefaults, ownConsumerDefaults } from '@annals/service'
import { LiveCollections } from './live/live-collections.ts'
import { syncHistory } from './sync-history.ts'

/**
 * Sees to it that the messages are here: those that come on Waku, where its nodes are named, and those that the store nodes
 * have when a sync is asked for. Where no network is named messages come in through the gateway, and a sync answers with what is
 * held. Keeps the registry's rows up to date as well.
 */
export const collector: ServiceDefinition = {
  name: 'collector',
  uses: ['keys'],
  async start(context, signal) {
    await using stack = new AsyncDisposableStack()
    stack.use(
      await context.bus.consume(
        { ...consumerDefaults, name: 'collector-communities', events: communityEventNames },
        async (event) => {
          await context.registry.get(event.communityId)
        },
      ),
    )
    await startLive(context, stack, signal)
    stack.use(
      await context.bus.consume(
        { ...consumerDefaults, name: 'collector', events: ['HistorySyncRequested'] },
        (event, delivery) => syncHistory(context, event, delivery),
      ),
    )
    return stack.move()
  },
}

/** Listens on the network for this process's share of the communities. */
async function startLive(context: ServiceContext, stack: AsyncDisposableStack, signal: AbortSignal): Promise<void> {
  const { waku, shared, instance } = context
  if (waku === undefined) return
  const membership = stack.use(await Membership.join(context, { service: 'collector' }))
  const live = stack.use(new LiveCollections(context, waku, new Share(membership, 1)))
  stack.use(
    await context.bus.consume(
      {
        ...ownConsumerDefaults,
        name: shared ? `collector-chats-${instance}` : 'collector-chats',
        events: ['CommunityAdded', 'CommunityChatsChanged', 'CommunityLeft', 'GroupKeyAdded'],
      },
      ({ name, communityId }) =>
        name === 'GroupKeyAdded' ? live.readDescriptionAgain(communityId) : live.follow(communityId),
    ),
  )
  const rounds = stack.use(
    new FollowRounds(context, {
      follow: (communityId) => live.follow(communityId),
      failure: 'communities cannot be followed; trying again',
      signal,
    }),
  )
  stack.use(membership.onChange(() => void rounds.run()))
  await rounds.run()
}
