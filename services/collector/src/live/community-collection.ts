import type { ServiceContext, WakuNetwork } from '@annals/service'
import type { ChatTopic, CarriedMessage, Listening, Turns } from '@annals/waku'
import { storeNodeHistorySeconds } from '@annals/community'
import { pause, systemClock } from '@annals/service'
import { chatCoverage, updateDocument } from '@annals/storage'
import { backoffMilliseconds, queryStores, LiveQueue } from '@annals/waku'
import { ChatTopics, descriptionChannel } from '../messages/chat-topics.ts'
import { RecentlyKept } from '../messages/recently-kept.ts'
import { addRefusals, takeMessages } from '../messages/take-messages.ts'
import type { Refusals } from '../messages/take-messages.ts'

const longestWaitMilliseconds = 60_000
const longestBackoffMilliseconds = 60_000
/** How far the feed has come is written down no more often. */
const noteEveryMilliseconds = 60_000
const tellEveryMilliseconds = 60_000
const patienceMilliseconds = 15_000

/**
 * Keeps what comes on the chats of one community, and has from the stores what came before: of a chat that is new here what the
 * stores have of the last 30 days, of another one what came since it was looked at last. What is written down as here is here:
 * after a crash the rest is asked for again.
 */
export class CommunityCollection implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #waku: WakuNetwork
  readonly #communityId: string
  readonly #turns: Turns
  readonly #stop = new AbortController()
  readonly #queue = new LiveQueue()
  readonly #listenings = new Map<string, Listening>()
  /** Channels of which the stores are to be asked; the number tells a later loss from the one that is being made good. */
  readonly #behind = new Map<string, number>()
  /** Those of them that are to be asked for from the beginning, whatever is written down. */
  readonly #anew = new Set<string>()
  /** Up to where each channel is written down, Unix milliseconds. */
  readonly #noted = new Map<string, number>()
  readonly #recent: RecentlyKept
  readonly #running: Promise<unknown>
  #wanted = new AbortController()
  #losses = 0
  #refused: Refusals = {}
  /** Of the monotonic clock. */
  #tellAtMilliseconds = 0
  #chats: ChatTopics

  /** @param turns how many communities ask the stores at once */
  constructor(context: ServiceContext, waku: WakuNetwork, communityId: string, turns: Turns) {
    this.#context = context
    this.#waku = waku
    this.#communityId = communityId
    this.#turns = turns
    this.#chats = new ChatTopics(communityId, [], waku.pubsubTopic)
    // A look into the stores goes back so far from where the last one ended.
    const { overlapMilliseconds } = waku.feed
    this.#recent = new RecentlyKept(overlapMilliseconds + 2 * context.config.wakuCatchUpSeconds * 1000)
    this.#running = Promise.all([this.#bringLoop(), this.#keepLoop()])
  }

  /** Listens to these channels and to the community's description, and to no other any more. */
  follow(channelIds: readonly string[]): void {
    const before = this.#chats
    const channels = [descriptionChannel, ...channelIds]
    this.#chats = new ChatTopics(this.#communityId, channels, this.#waku.pubsubTopic)
    const topics = new Map(this.#chats.topics.map((topic) => [topic.contentTopic, topic]))
    for (const [contentTopic, listening] of this.#listenings) {
      if (topics.has(contentTopic)) continue
      listening[Symbol.dispose]()
      this.#listenings.delete(contentTopic)
    }
    for (const [contentTopic, topic] of topics) {
      this.#listen(topic)
      const known = before.channelsOf(contentTopic)
      for (const channel of this.#chats.channelsOf(contentTopic)) if (!known.includes(channel)) this.#lost(channel)
    }
  }

  /** Asks the stores for all they have of the description's chat, also after a crash. */
  async readDescriptionAgain(): Promise<void> {
    this.#anew.add(descriptionChannel)
    await updateDocument(this.#context.state.collection(chatCoverage), this.#communityId, (value) => {
      const { [descriptionChannel]: _, ...untilMilliseconds } = value?.untilMilliseconds ?? {}
      return { ...value, untilMilliseconds }
    })
    this.#lost(descriptionChannel)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    for (const listening of this.#listenings.values()) listening[Symbol.dispose]()
    await this.#running
    this.#tellRefused()
  }

  #listen(topic: ChatTopic): void {
    if (this.#listenings.has(topic.contentTopic)) return
    const listening = this.#waku.feed.listen(topic, (message) => this.#queue.push(message))
    this.#listenings.set(topic.contentTopic, listening)
  }

  #lost(channel: string): void {
    this.#losses += 1
    this.#behind.set(channel, this.#losses)
    this.#wanted.abort()
  }

  /** Asks the stores whenever a channel is behind, again and again where none answers. Until it is told to stop. */
  async #bringLoop(): Promise<void> {
    const { signal } = this.#stop
    for (let failed = 0; !signal.aborted;) {
      const behind = new Map([...this.#behind].filter(([channel]) => this.#isFollowed(channel)))
      if (behind.size === 0) {
        await pause(longestWaitMilliseconds, AbortSignal.any([signal, this.#wanted.signal]))
        this.#wanted = new AbortController()
        continue
      }
      try {
        await this.#turns.run(() => this.#bring([...behind.keys()]))
        for (const [channel, loss] of behind) if (this.#behind.get(channel) === loss) this.#behind.delete(channel)
        failed = 0
      } catch (error) {
        if (signal.aborted) return
        const level = failed === 0 ? 'warn' : 'debug'
        const text = 'what stores have of a community could not be had; trying again'
        this.#context.log[level]({ err: error, communityId: this.#communityId }, text)
        failed += 1
        await pause(backoffMilliseconds(failed, longestBackoffMilliseconds), signal)
      }
    }
  }

  async #bring(channels: readonly string[]): Promise<void> {
    this.#stop.signal.throwIfAborted()
    const began = systemClock.nowMilliseconds()
    const oldest = began - storeNodeHistorySeconds * 1000
    const rows = this.#context.state.collection(chatCoverage)
    const anew = channels.filter((channel) => this.#anew.has(channel))
    const noted = (await rows.get(this.#communityId))?.value.untilMilliseconds ?? {}
    const covered = Object.fromEntries(Object.entries(noted).filter(([channel]) => !anew.includes(channel)))
    const from = (channel: string): number =>
      Math.max(oldest, (covered[channel] ?? 0) - this.#waku.feed.overlapMilliseconds)
    // One that is new here would have all of them asked for a month.
    const groups = Map.groupBy(channels, (channel) => covered[channel] !== undefined)
    for (const group of groups.values()) await this.#ask(group, Math.min(...group.map(from)))
    for (const channel of anew) this.#anew.delete(channel)
    for (const channel of channels) this.#listeningOf(channel)?.caughtUp(began)
    await this.#note(new Map(channels.map((channel) => [channel, began])))
  }

  async #ask(channels: readonly string[], fromMilliseconds: number): Promise<void> {
    const { stores, pubsubTopic } = this.#waku
    const chats = new ChatTopics(this.#communityId, channels, pubsubTopic)
    const reading = queryStores({
      stores,
      topics: chats.topics,
      fromNanoseconds: BigInt(Math.floor(fromMilliseconds)) * 1_000_000n,
      signal: this.#stop.signal,
      patienceMilliseconds: Math.min(patienceMilliseconds, this.#context.config.wakuStoreSeconds * 1000),
      storeLimitMilliseconds: this.#context.config.wakuStoreSeconds * 1000,
    })
    for await (const { messages } of reading) await this.#take(chats, messages)
  }

  /** Keeps what comes. Until it is told to stop. */
  async #keepLoop(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      // How far the feed has come is asked before the queue is emptied: what it handed over until then is in there.
      const complete = this.#complete()
      const messages = this.#queue.take()
      if (this.#queue.takeLoss()) for (const channel of this.#channels()) this.#lost(channel)
      await this.#keep(messages, complete)
      await this.#queue.wait(longestWaitMilliseconds, signal)
      this.#recent.forgetOld()
    }
  }

  /** Keeps messages, again and again where that fails: what comes meanwhile waits in the queue, which is bounded. */
  async #keep(messages: readonly CarriedMessage[], complete: ReadonlyMap<string, number>): Promise<void> {
    const { signal } = this.#stop
    for (let failed = 0; !signal.aborted; failed += 1) {
      try {
        if (messages.length > 0) await this.#take(this.#chats, messages)
        await this.#note(new Map([...complete].filter(([channel]) => !this.#behind.has(channel))))
        return
      } catch (error) {
        const text = 'messages that came could not be kept; trying again'
        this.#context.log.warn({ err: error, communityId: this.#communityId, messages: messages.length }, text)
        await pause(backoffMilliseconds(failed, longestBackoffMilliseconds), signal)
      }
    }
  }

  async #take(chats: ChatTopics, messages: readonly CarriedMessage[]): Promise<void> {
    const { refused } = await takeMessages(this.#context, this.#waku, chats, messages, this.#recent)
    this.#refused = addRefusals(this.#refused, refused)
    for (const [reason, times] of Object.entries(refused))
      this.#context.refusals.count({ communityId: this.#communityId, what: 'message', reason, times })
    // Anybody can send what cannot be kept: it must not fill the log.
    if (performance.now() >= this.#tellAtMilliseconds) this.#tellRefused()
  }

  #tellRefused(): void {
    if (Object.keys(this.#refused).length === 0) return
    const fields = { communityId: this.#communityId, refused: this.#refused }
    this.#context.log.info(fields, 'messages on the topics of a community were not kept')
    this.#refused = {}
    this.#tellAtMilliseconds = performance.now() + tellEveryMilliseconds
  }

  /** Up to where the feed has handed over what stores have, where that is further than what was written down. */
  #complete(): Map<string, number> {
    const complete = new Map<string, number>()
    for (const channel of this.#channels()) {
      const until = this.#listeningOf(channel)?.completeUntilMilliseconds
      const noted = this.#noted.get(channel) ?? 0
      if (until !== undefined && until >= noted + noteEveryMilliseconds) complete.set(channel, until)
    }
    return complete
  }

  async #note(until: ReadonlyMap<string, number>): Promise<void> {
    if (until.size === 0) return
    await updateDocument(this.#context.state.collection(chatCoverage), this.#communityId, (value) => ({
      ...value,
      untilMilliseconds: { ...value?.untilMilliseconds, ...Object.fromEntries(until) },
    }))
    for (const [channel, milliseconds] of until) this.#noted.set(channel, milliseconds)
  }

  #channels(): string[] {
    return this.#chats.topics.flatMap(({ contentTopic }) => this.#chats.channelsOf(contentTopic))
  }

  #isFollowed(channel: string): boolean {
    return this.#channels().includes(channel)
  }

  #listeningOf(channel: string): Listening | undefined {
    return this.#listenings.get(this.#chats.contentTopicOf(channel))
  }
}
