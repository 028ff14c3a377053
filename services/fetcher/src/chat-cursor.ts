import type { ServiceContext } from '@annals/service'
import { announcementCursors, updateDocument } from '@annals/storage'

const windowMilliseconds = 5_000
const writesInWindow = 8

/**
 * Where reading an announcement chat goes on after a restart. Behind what counted it is written down at once. Anybody can
 * send what does not count: behind that it is written as often as a chat at peace takes it, and in a flood every few seconds,
 * so that after a crash some of it is judged once more.
 */
export class ChatCursor implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #communityId: string
  readonly #chat: string
  #cursor: string | undefined
  #writing: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #writesLeft = writesInWindow
  /** When the window ends, of the monotonic clock. */
  #windowEndMilliseconds = 0

  constructor(context: ServiceContext, communityId: string, chat: string) {
    this.#context = context
    this.#communityId = communityId
    this.#chat = chat
  }

  async read(): Promise<string | undefined> {
    return (await this.#context.state.collection(announcementCursors).get(this.#communityId))?.value.cursors[this.#chat]
  }

  /** Resolves once it is durable. @throws what the state store throws */
  moveNow(cursor: string): Promise<void> {
    this.#cursor = cursor
    return this.#write()
  }

  /** Resolves at once, or when it is durable. @throws what the state store throws */
  async move(cursor: string): Promise<void> {
    this.#cursor = cursor
    const now = performance.now()
    if (now >= this.#windowEndMilliseconds) {
      this.#windowEndMilliseconds = now + windowMilliseconds
      this.#writesLeft = writesInWindow
    }
    if (this.#writesLeft === 0) {
      this.#timer ??= setTimeout(() => void this.#writeQuietly(), this.#windowEndMilliseconds - now).unref()
      return
    }
    this.#writesLeft -= 1
    await this.#write()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writeQuietly()
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // Whoever asked for the write before hears of its failure.
    const writing = this.#writing.catch(() => undefined).then(() => this.#put())
    this.#writing = writing
    return writing
  }

  async #put(): Promise<void> {
    const cursor = this.#cursor
    if (cursor === undefined) return
    const rows = this.#context.state.collection(announcementCursors)
    await updateDocument(rows, this.#communityId, (value) => ({
      ...value,
      cursors: { ...value?.cursors, [this.#chat]: cursor },
    }))
    if (this.#cursor === cursor) this.#cursor = undefined
  }

  async #writeQuietly(): Promise<void> {
    try {
      await this.#write()
    } catch (error) {
      const { log } = this.#context
      log.warn(
        { err: error, chat: this.#chat },
        'how far a chat was read could not be kept; it is read again from before',
      )
    }
  }
}
