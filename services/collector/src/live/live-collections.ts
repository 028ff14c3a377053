import { Turns } from '@annals/waku'
import type { ServiceContext, Share, WakuNetwork } from '@annals/service'
import { followDescription } from '../description/follow-description.ts'
import { CommunityCollection } from './community-collection.ts'

/** Communities that ask the stores at once: each has pages in memory. */
const askingAtOnce = 4

/**
 * Keeps what comes of each community that is joined and, where several collectors share the communities, is one of this
 * collector's; on Waku every chat of it, as they come and go.
 */
export class LiveCollections implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #waku: WakuNetwork
  readonly #share: Share
  readonly #turns = new Turns(askingAtOnce)
  readonly #collections = new Map<string, CommunityCollection>()
  /** What is under way for a community; the next thing waits for it. */
  readonly #tails = new Map<string, Promise<unknown>>()

  constructor(context: ServiceContext, waku: WakuNetwork, share: Share) {
    this.#context = context
    this.#waku = waku
    this.#share = share
  }

  /** Begins, changes or ends the collecting, whichever the community now asks for. */
  follow(communityId: string): Promise<void> {
    return this.#inTurn(communityId, () => this.#follow(communityId))
  }

  /** For when a key has come without which a description may have stayed hidden. */
  readDescriptionAgain(communityId: string): Promise<void> {
    return this.#inTurn(communityId, async () => this.#collections.get(communityId)?.readDescriptionAgain())
  }

  #inTurn(communityId: string, work: () => Promise<void>): Promise<void> {
    const before = this.#tails.get(communityId) ?? Promise.resolve()
    const working = before.then(work)
    const tail = working
      .catch(() => undefined)
      .finally(() => {
        if (this.#tails.get(communityId) === tail) this.#tails.delete(communityId)
      })
    this.#tails.set(communityId, tail)
    return working
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#tails.values())
    await Promise.all([...this.#collections.keys()].map((communityId) => this.#end(communityId)))
  }

  async #follow(communityId: string): Promise<void> {
    const isMine = this.#share.isMine(communityId)
    // A list of chats may have been taken back, or a description been read and not followed before a crash.
    if (isMine) await followDescription(this.#context, communityId)
    const community = await this.#context.registry.get(communityId)
    if (community?.joined !== true || !isMine) return this.#end(communityId)
    // Its loops go on for as long as the community is followed, and so are part of no event's handling.
    const collection =
      this.#collections.get(communityId) ??
      this.#context.tracing.outside(() => new CommunityCollection(this.#context, this.#waku, communityId, this.#turns))
    this.#collections.set(communityId, collection)
    collection.follow(community.chats.map(({ channelId }) => channelId))
  }

  async #end(communityId: string): Promise<void> {
    const collection = this.#collections.get(communityId)
    this.#collections.delete(communityId)
    await collection?.[Symbol.asyncDispose]()
  }
}
