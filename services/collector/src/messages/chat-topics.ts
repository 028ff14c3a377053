import { chatId, wakuContentTopic } from '@annals/crypto'
import type { ChatTopic } from '@annals/waku'

/** Stands for the chat on which a community describes itself, whose id is the community's (formats §8). */
export const descriptionChannel = ''

/** Some of a community's channels, and where they are on Waku. Several may have one content topic: it has four bytes. */
export class ChatTopics {
  readonly communityId: string
  readonly topics: readonly ChatTopic[]
  readonly #channels: ReadonlyMap<string, readonly string[]>

  constructor(communityId: string, channelIds: readonly string[], pubsubTopic: string) {
    this.communityId = communityId
    this.#channels = Map.groupBy(new Set(channelIds), (channelId) => this.contentTopicOf(channelId))
    this.topics = [...this.#channels.keys()].map((contentTopic) => ({ pubsubTopic, contentTopic }))
  }

  contentTopicOf(channelId: string): string {
    return wakuContentTopic(chatId(this.communityId, channelId))
  }

  /** The channels that a message may be of. */
  channelsOf(contentTopic: string): readonly string[] {
    return this.#channels.get(contentTopic) ?? []
  }
}
