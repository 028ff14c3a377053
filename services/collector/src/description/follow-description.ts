import type { ServiceContext } from '@annals/service'
import type { DescribedChats } from '@annals/storage'
import { AlreadyLeftError, UnknownCommunityError } from '@annals/community'
import { communityDescriptions } from '@annals/storage'

const source = 'collector'

/**
 * Gives a community the chats that it described last, unless an operator gave it others. An operator who takes his list back,
 * by giving an empty one, has the community's own. Repeated until nothing newer was described meanwhile.
 */
export async function followDescription(context: ServiceContext, communityId: string): Promise<void> {
  const rows = context.state.collection(communityDescriptions)
  for (;;) {
    const described = (await rows.get(communityId))?.value
    if (described === undefined) return
    const community = await context.registry.get(communityId)
    if (community?.joined !== true || isSame(community.chats, described.chats)) return
    if (await isOperators(context, communityId, described)) return
    try {
      await context.registry.execute(communityId, { type: 'ChangeChats', chats: described.chats }, source)
    } catch (error) {
      // Left in the same moment.
      if (error instanceof AlreadyLeftError || error instanceof UnknownCommunityError) return
      throw error
    }
    if ((await rows.get(communityId))?.value.clock === described.clock) return
  }
}

/** Whether the last list that did not come from a description has chats. */
async function isOperators({ bus }: ServiceContext, communityId: string, described: DescribedChats): Promise<boolean> {
  let has = false
  for await (const event of bus.read({ communityId, names: ['CommunityAdded', 'CommunityChatsChanged'] })) {
    if (event.name === 'CommunityAdded') has = event.payload.chats.length > 0
    if (event.name !== 'CommunityChatsChanged' || event.source === source) continue
    // The registry publishes again, under its own name, what a log has lost.
    if (event.source !== 'registry' || !isSame(event.payload.chats, described.chats))
      has = event.payload.chats.length > 0
  }
  return has
}

function isSame(some: DescribedChats['chats'], others: DescribedChats['chats']): boolean {
  return textOf(some) === textOf(others)
}

function textOf(chats: DescribedChats['chats']): string {
  return JSON.stringify(chats.map(({ channelId, name }) => [channelId, name]))
}
