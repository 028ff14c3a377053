import type { ServiceContext } from '@annals/service'
import { announceChatId } from '@annals/crypto'
import { pause, updateDocument } from '@annals/service'
import { announcementCursors } from '@annals/storage'
import { takeAnnouncement } from './take-announcement.ts'
import type { DownloadWorker } from './download-worker.ts'

interface Listener {
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** One loop a community on each of its announcement chats, while it is joined, archiving is on, and it is not ours. */
export class AnnouncementListeners implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #worker: DownloadWorker
  readonly #listeners = new Map<string, Listener>()

  constructor(context: ServiceContext, worker: DownloadWorker) {
    this.#context = context
    this.#worker = worker
  }

  /** Begins or ends listening, whichever the community now asks for. */
  async follow(communityId: string): Promise<void> {
    const community = await this.#context.registry.get(communityId)
    const wanted = community !== undefined && community.joined && community.archivingOn && !community.controlNode
    if (wanted) this.#begin(communityId)
    else await this.#end(communityId)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#listeners.keys()].map((communityId) => this.#end(communityId)))
  }

  #begin(communityId: string): void {
    this.#worker.wake()
    if (this.#listeners.has(communityId)) return
    const stop = new AbortController()
    const chats = this.#context.config.announceChannels.map((channel) => announceChatId(communityId, channel))
    const done = Promise.all(chats.map((chat) => this.#listen(communityId, chat, stop.signal))).then(() => undefined)
    this.#listeners.set(communityId, { stop, done })
  }

  async #end(communityId: string): Promise<void> {
    const listener = this.#listeners.get(communityId)
    this.#listeners.delete(communityId)
    listener?.stop.abort()
    await listener?.done
    await this.#worker.cancel(communityId)
  }

  async #listen(communityId: string, chat: string, signal: AbortSignal): Promise<void> {
    let pauseMilliseconds = 1_000
    while (!signal.aborted) {
      try {
        await this.#receive(communityId, chat, signal)
        pauseMilliseconds = 1_000
      } catch (error) {
        if (signal.aborted) return
        this.#context.log.error({ err: error, communityId, chat }, 'listening for announcements failed; trying again')
        await pause(pauseMilliseconds, signal)
        pauseMilliseconds = Math.min(pauseMilliseconds * 2, 60_000)
      }
    }
  }

  async #receive(communityId: string, chat: string, signal: AbortSignal): Promise<void> {
    const rows = this.#context.state.collection(announcementCursors)
    const after = (await rows.get(communityId))?.value.cursors[chat]
    for await (const message of this.#context.channel.receive(chat, {
      ...(after !== undefined && { after }),
      signal,
    })) {
      const counts = await takeAnnouncement(this.#context, communityId, message)
      if (counts) await this.#worker.replace(communityId)
      await updateDocument(rows, communityId, (value) => ({ cursors: { ...value?.cursors, [chat]: message.cursor } }))
    }
  }
}
