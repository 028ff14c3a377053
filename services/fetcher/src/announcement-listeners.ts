import type { ServiceContext, Share } from '@annals/service'
import { InvalidCursorError } from '@annals/channels'
import { announceChatId } from '@annals/crypto'
import { pause, takeAnnouncement } from '@annals/service'
import { announcementCursors, updateDocument } from '@annals/storage'
import { KeyedMutex } from '@annals/torrents'
import { ChatCursor } from './chat-cursor.ts'
import { forgetAbandoned } from './forget-abandoned.ts'
import { isFollowed } from './is-followed.ts'
import { resumeDownload } from './park-download.ts'
import { resumeWaiting } from './resume-waiting.ts'
import type { DownloadWorker } from './download-worker.ts'

const firstPauseMilliseconds = 1_000

interface Listener {
  readonly stop: AbortController
  readonly done: Promise<void>
}

/**
 * One loop a community on each of its announcement chats, while it is joined, archiving is on, it is not ours, and, where
 * several fetchers share the communities, it is one of this fetcher's.
 */
export class AnnouncementListeners implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #worker: DownloadWorker
  readonly #share: Share
  readonly #mutex = new KeyedMutex()
  readonly #listeners = new Map<string, Listener>()

  constructor(context: ServiceContext, worker: DownloadWorker, share: Share) {
    this.#context = context
    this.#worker = worker
    this.#share = share
  }

  /** Begins or ends listening, whichever the community now asks for. */
  follow(communityId: string): Promise<void> {
    return this.#mutex.run(communityId, async () => {
      const community = await this.#context.registry.get(communityId)
      if (!isFollowed(community)) {
        await this.#end(communityId)
        // Whichever fetcher listened: the download may be this one's.
        return this.#worker.cancel(communityId)
      }
      if (!this.#share.isMine(communityId)) return this.#end(communityId)
      await resumeDownload(this.#context, communityId)
      await resumeWaiting(this.#context, communityId)
      this.#begin(communityId)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#listeners.keys()].map((communityId) => this.#end(communityId)))
  }

  #begin(communityId: string): void {
    this.#worker.wake()
    if (this.#listeners.has(communityId)) return
    const stop = new AbortController()
    const chats = this.#context.config.announceChannels.map((channel) => announceChatId(communityId, channel))
    // For as long as the community is followed, and so part of no event's handling.
    const done = this.#context.tracing
      .outside(() => Promise.all(chats.map((chat) => this.#listen(communityId, chat, stop.signal))))
      .then(() => undefined)
    this.#listeners.set(communityId, { stop, done })
  }

  async #end(communityId: string): Promise<void> {
    const listener = this.#listeners.get(communityId)
    this.#listeners.delete(communityId)
    listener?.stop.abort()
    await listener?.done
  }

  async #listen(communityId: string, chat: string, signal: AbortSignal): Promise<void> {
    let pauseMilliseconds = firstPauseMilliseconds
    while (!signal.aborted) {
      try {
        if (await this.#receive(communityId, chat, signal)) pauseMilliseconds = firstPauseMilliseconds
      } catch (error) {
        if (signal.aborted) return
        this.#context.log.error({ err: error, communityId, chat }, 'listening for announcements failed; trying again')
        if (error instanceof InvalidCursorError) await this.#forgetCursor(communityId, chat)
      }
      // Also after a channel that ended by itself.
      await pause(pauseMilliseconds, signal)
      pauseMilliseconds = Math.min(pauseMilliseconds * 2, 60_000)
    }
  }

  /** The channel is another one than it was: everything it has is read, and what was judged before is old then. */
  async #forgetCursor(communityId: string, chat: string): Promise<void> {
    await updateDocument(this.#context.state.collection(announcementCursors), communityId, (value) => {
      const { [chat]: _, ...cursors } = value?.cursors ?? {}
      return { ...value, cursors }
    })
  }

  /** Until the channel ends or fails. @returns whether anything came */
  async #receive(communityId: string, chat: string, signal: AbortSignal): Promise<boolean> {
    let came = false
    await using cursor = new ChatCursor(this.#context, communityId, chat)
    const after = await cursor.read()
    for await (const message of this.#context.channel.receive(chat, {
      ...(after !== undefined && { after }),
      signal,
    })) {
      came = true
      const taken = await takeAnnouncement(this.#context, communityId, message, 'fetcher')
      if (taken.kind !== 'taken') {
        await cursor.move(message.cursor)
        continue
      }
      await this.#worker.replace(communityId)
      if (taken.replaced !== undefined) await forgetAbandoned(this.#context, communityId, taken.replaced)
      await cursor.moveNow(message.cursor)
    }
    return came
  }
}
