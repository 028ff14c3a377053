import type { ChatMessage } from '../chat/chat-message.ts'
import { History, type Channel, type FoundMessage } from '../chat/history.ts'
import { ReaderClosedError, UnknownWeekError } from '../errors.ts'
import { exportWeek, type Export, type ExportFormat } from '../export/export-week.ts'
import type { ReaderLink } from '../link/parse-link.ts'
import { resolveLink, type ResolvedLink } from '../link/resolve-link.ts'
import type { SwarmEvent } from '../swarm/swarm-events.ts'
import { fetchIndex } from './fetch-index.ts'
import { openTorrent, type OpenTorrent } from './open-torrent.ts'
import { WeekOpener } from './open-weeks.ts'
import type { ReaderState, WeekState } from './reader-state.ts'
import type { DatePlace, MessagesOptions, Reader, ReaderLimits, ReaderPorts, WaitOptions } from './reader.ts'
import { SessionKeys } from './session-keys.ts'
import { SessionStatus } from './session-status.ts'
import { WeekBoard } from './week-board.ts'
import type { Week } from './weeks.ts'

const defaultSearchLimit = 500

/** What is there once the weeks are known. */
interface OpenHistory {
  readonly board: WeekBoard
  readonly history: History
  readonly opener: WeekOpener
  readonly rejectedEntries: number
}

interface SessionOptions {
  readonly link: ReaderLink
  readonly ports: ReaderPorts
  readonly limits: ReaderLimits
  readonly node?: string | undefined
}

/** A history that is being read, from the link to its weeks. */
export class ReaderSession implements Reader {
  readonly opened: Promise<void>
  readonly #ports: ReaderPorts
  readonly #limits: ReaderLimits
  readonly #closed = new AbortController()
  readonly #status: SessionStatus
  readonly #keys: SessionKeys
  #link: ResolvedLink | undefined
  #torrent: OpenTorrent | undefined
  #open: OpenHistory | undefined

  constructor({ link, ports, limits, node }: SessionOptions) {
    this.#ports = ports
    this.#limits = limits
    this.#keys = new SessionKeys(ports.pieces)
    this.#status = new SessionStatus(() => ({ link: this.#link, torrent: this.#torrent, weeks: this.#open }))
    this.opened = this.#begin(link, node)
    // Whoever looks at the state alone hears of it there.
    this.opened.catch(() => {})
  }

  get state(): ReaderState {
    return this.#status.state
  }

  subscribe(listener: () => void): () => void {
    return this.#status.subscribe(listener)
  }

  onEvent(listener: (event: SwarmEvent) => void): () => void {
    return this.#status.onEvent(listener)
  }

  async addKeys(text: string, { keep = false }: { readonly keep?: boolean } = {}): Promise<number> {
    const torrent = await this.#whenTorrent()
    const added = await this.#keys.add(text, torrent.pieces.info.communityId, keep)
    if (added === 0) return 0
    if (this.#status.phase === 'waits-for-key') await this.#openIndex(torrent)
    await this.#open?.opener.readAnew()
    return added
  }

  async openWeek(weekId: string, options: WaitOptions = {}): Promise<WeekState> {
    return (await this.#whenOpen()).opener.open(weekId, options)
  }

  closeWeek(weekId: string): void {
    this.#open?.opener.close(weekId)
  }

  messages(weekId: string, options: MessagesOptions = {}): ChatMessage[] {
    const { channelId, offset = 0, limit = Number.MAX_SAFE_INTEGER } = options
    const found: ChatMessage[] = []
    let position = 0
    for (const message of this.#openWeek(weekId).history.messages(weekId, channelId)) {
      if (found.length >= limit) break
      if (position++ >= offset) found.push(message)
    }
    return found
  }

  channels(weekId?: string): Channel[] {
    return this.#open?.history.channels(weekId) ?? []
  }

  find(messageId: string): FoundMessage | undefined {
    return this.#open?.history.find(messageId)
  }

  async search(
    text: string,
    options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
  ): Promise<FoundMessage[]> {
    const { limit = defaultSearchLimit, signal } = options
    return (await this.#open?.history.search(text, { limit, signal })) ?? []
  }

  async jumpTo(
    dateMilliseconds: number,
    options: WaitOptions & { readonly channelId?: string } = {},
  ): Promise<DatePlace | undefined> {
    const { board, opener } = await this.#whenOpen()
    const week = board.weeks.find(({ to }) => to * 1000 > dateMilliseconds) ?? board.weeks.at(-1)
    if (week === undefined) return undefined
    await opener.open(week.id, options)
    const messages = this.messages(week.id, options)
    const found = messages.findIndex(({ timeMilliseconds }) => timeMilliseconds >= dateMilliseconds)
    return { weekId: week.id, messageId: messages[found]?.id, position: found < 0 ? messages.length : found }
  }

  async fetchRest(options: WaitOptions = {}): Promise<{ readonly openWeeks: number; readonly keptWeeks: number }> {
    return (await this.#whenOpen()).opener.openAll(options, this.#limits.maxLoadedMessages)
  }

  seed(on: boolean): void {
    this.#torrent?.swarm?.seed(on)
    this.#status.seed(on)
  }

  async exportWeek(
    weekId: string,
    format: ExportFormat,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Export> {
    const { board, history } = this.#openWeek(weekId)
    const { name, infoHash, signature, channelNames } = this.#link!
    const { from, to } = board.find(weekId)!
    return exportWeek(
      {
        communityId: this.#torrent!.pieces.info.communityId,
        communityName: name,
        infoHash,
        signature,
        from,
        to,
        tally: history.week(weekId)!.tally,
        channelNames,
        messages: history.messages(weekId),
      },
      format,
      options.signal,
    )
  }

  async forget(): Promise<void> {
    const { communityId } = this.state
    await this[Symbol.asyncDispose]()
    if (communityId !== undefined) await this.#ports.pieces.forget(communityId)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#status.phase === 'closed') return
    this.#status.enter('closed')
    this.#closed.abort(new ReaderClosedError())
    await this.opened.catch(() => {})
    this.#open?.board.dispose()
    await this.#torrent?.[Symbol.asyncDispose]()
    await this.#open?.opener.settled()
    this.#status.changed()
  }

  async #begin(link: ReaderLink, node: string | undefined): Promise<void> {
    const { signal } = this.#closed
    try {
      const { stallSeconds: timeoutSeconds } = this.#limits
      this.#link = await resolveLink(link, { fetch: this.#ports.fetch, signal, timeoutSeconds, node })
      this.#status.enter('fetching-info')
      this.#torrent = await openTorrent({
        link: this.#link,
        ports: this.#ports,
        limits: this.#limits,
        signal,
        onEvent: (event) => this.#status.take(event),
      })
      this.#torrent.swarm?.seed(this.#status.isSeeding)
      await this.#keys.takeKept(this.#torrent.pieces.info.communityId)
      this.#status.enter('fetching-index')
      await this.#openIndex(this.#torrent)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      this.#status.error = error instanceof Error ? error : new Error(String(error))
      this.#status.enter('failed')
      throw error
    }
  }

  /** An index that is encrypted, and whose key is not here, waits. */
  async #openIndex(torrent: OpenTorrent): Promise<void> {
    const index = await fetchIndex(torrent, this.#keys)
    if (index.kind === 'key-missing') {
      this.#status.missingKeys = [index.keyName]
      this.#status.enter('waits-for-key')
      return
    }
    this.#open = this.#historyOf(torrent, index.weeks, index.rejected.length)
    this.#status.missingKeys = []
    // What a community signed is its newest word, so what is in no piece of it is of no use any more.
    if (this.#link!.signature.kind === 'signed') await torrent.pieces.removeForeign()
    this.#status.enter('ready')
  }

  #historyOf(torrent: OpenTorrent, weeks: readonly Week[], rejectedEntries: number): OpenHistory {
    const onChange = (): void => this.#status.changed()
    const board = new WeekBoard(weeks, torrent.pieces, onChange)
    const history = new History(torrent.pieces.info.communityId, this.#link!.channelNames)
    const { signal } = this.#closed
    const opener = new WeekOpener({ torrent, board, history, keys: this.#keys, signal, onChange })
    return { board, history, opener, rejectedEntries }
  }

  async #whenTorrent(): Promise<OpenTorrent> {
    await this.opened
    this.#closed.signal.throwIfAborted()
    return this.#torrent!
  }

  /** As long as the index waits for its key, there are no weeks. */
  async #whenOpen(): Promise<OpenHistory> {
    const torrent = await this.#whenTorrent()
    return this.#open ?? this.#historyOf(torrent, [], 0)
  }

  #openWeek(weekId: string): OpenHistory {
    const open = this.#open
    if (open?.board.find(weekId) === undefined) throw new UnknownWeekError(weekId, 'not-in-index')
    if (open.history.week(weekId) === undefined) throw new UnknownWeekError(weekId, 'not-open')
    return open
  }
}
