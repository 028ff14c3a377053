import { ArchiveError } from '@annals/archive'
import { decryptForGroup, isEncrypted, RatchetCache } from '@annals/crypto'
import type { ChatMessage } from '../chat/chat-message.ts'
import { decodeWeek } from '../chat/decode-week.ts'
import { KeyRing, nameOfKey, parseGroupKeys } from '../chat/group-keys.ts'
import { History, type Channel, type FoundMessage } from '../chat/history.ts'
import {
  GroupKeyTextError,
  IndexRefusedError,
  InsecureContextError,
  NoSourceError,
  PieceMissingError,
  ReaderClosedError,
  StorageError,
  UnknownWeekError,
  type FetchStep,
} from '../errors.ts'
import { exportWeek, type Export, type ExportFormat } from '../export/export-week.ts'
import { parseLink, type ReaderLink } from '../link/parse-link.ts'
import { resolveLink, type ResolvedLink } from '../link/resolve-link.ts'
import type { SwarmEvent } from '../swarm/swarm-events.ts'
import { Notifier } from './notifier.ts'
import { openTorrent, type OpenTorrent } from './open-torrent.ts'
import type { ReaderPhase, ReaderState, WeekState } from './reader-state.ts'
import type {
  DatePlace,
  MessagesOptions,
  OpenReaderOptions,
  Reader,
  ReaderLimits,
  ReaderPorts,
  WaitOptions,
} from './reader.ts'
import { WeekBoard } from './week-board.ts'
import { piecesOfArchive, readWeeks, type Week } from './weeks.ts'

const defaultLimits: ReaderLimits = { stallSeconds: 30, peersFirstSeconds: 3, maxLoadedMessages: 500_000 }
const defaultSearchLimit = 500
const maxReadAttempts = 3

/**
 * Begins to read a community's history: resolves the link, checks who vouches for it, and brings the index. Answers at once;
 * `opened` says when that is done.
 * @throws ReaderLinkError, InsecureContextError
 */
export function openReader(options: OpenReaderOptions): Reader {
  if (globalThis.crypto?.subtle === undefined) throw new InsecureContextError()
  return new ReaderSession(parseLink(options.link), options.ports, { ...defaultLimits, ...options.limits })
}

/** What is there once the weeks are known. */
interface OpenHistory {
  readonly board: WeekBoard
  readonly history: History
  readonly rejectedEntries: number
}

class ReaderSession implements Reader {
  readonly opened: Promise<void>
  readonly #ports: ReaderPorts
  readonly #limits: ReaderLimits
  readonly #closed = new AbortController()
  readonly #notifier = new Notifier()
  readonly #events = new Set<(event: SwarmEvent) => void>()
  readonly #keys = new KeyRing()
  readonly #ratchet = new RatchetCache()
  readonly #opening = new Map<string, Promise<void>>()
  readonly #bytes = { fromPeers: 0, fromWebSeeds: 0, toPeers: 0 }
  #phase: ReaderPhase = 'resolving'
  #error: Error | undefined
  #link: ResolvedLink | undefined
  #torrent: OpenTorrent | undefined
  #open: OpenHistory | undefined
  #missingKeys: readonly string[] = []
  #peers = 0
  #refusedPieces = 0
  #seeding = true
  #state: ReaderState | undefined

  constructor(link: ReaderLink, ports: ReaderPorts, limits: ReaderLimits) {
    this.#ports = ports
    this.#limits = limits
    this.opened = this.#begin(link)
    // Whoever looks at the state alone hears of it there.
    this.opened.catch(() => {})
  }

  get state(): ReaderState {
    const info = this.#torrent?.pieces.info
    return (this.#state ??= {
      phase: this.#phase,
      error: this.#error,
      communityId: info?.communityId ?? this.#link?.communityId,
      name: this.#link?.name ?? '',
      infoHash: this.#link?.infoHash,
      signature: this.#link?.signature,
      dataBytes: info?.dataBytes,
      indexBytes: info?.indexBytes,
      weeks: this.#open?.board.states() ?? [],
      rejectedEntries: this.#open?.rejectedEntries ?? 0,
      missingKeys: this.#missingKeys,
      peers: this.#peers,
      bytes: { ...this.#bytes },
      refusedPieces: this.#refusedPieces,
      storageProblem: this.#torrent?.pieces.storageProblem,
      seeding: this.#seeding,
    })
  }

  subscribe(listener: () => void): () => void {
    return this.#notifier.subscribe(listener)
  }

  onEvent(listener: (event: SwarmEvent) => void): () => void {
    this.#events.add(listener)
    return () => this.#events.delete(listener)
  }

  async addKeys(text: string, options: { readonly keep?: boolean } = {}): Promise<number> {
    const { communityId } = (await this.#whenTorrent()).pieces.info
    const before = this.#keys.size
    for (const key of parseGroupKeys(text, communityId)) this.#keys.add(key)
    if (options.keep === true) await this.#ports.pieces.writeKeys(communityId, this.#keys.text(communityId))
    if (this.#keys.size > before) await this.#readAnew()
    return this.#keys.size - before
  }

  async openWeek(weekId: string, options: WaitOptions = {}): Promise<WeekState> {
    const { board } = await this.#whenOpen()
    const week = board.find(weekId)
    if (week === undefined) throw new UnknownWeekError(weekId, 'not-in-index')
    // Two that open a week at a time share the work, but not whether it goes on: the later one begins where the other stopped.
    while (board.state(weekId)?.phase !== 'open') {
      const underWay = this.#opening.get(weekId)
      if (underWay === undefined) await this.#openOnce(week, options)
      else await underWay.catch(() => {})
      options.signal?.throwIfAborted()
    }
    return board.state(weekId)!
  }

  closeWeek(weekId: string): void {
    if (this.#open?.board.state(weekId)?.phase !== 'open') return
    this.#open.history.remove(weekId)
    this.#open.board.set(weekId, 'closed')
    this.#changed()
  }

  messages(weekId: string, options: MessagesOptions = {}): ChatMessage[] {
    const { channelId, offset = 0, limit = Number.MAX_SAFE_INTEGER } = options
    const found: ChatMessage[] = []
    let position = 0
    for (const message of this.#openWeekHistory(weekId).messages(weekId, channelId)) {
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
    const { weeks } = (await this.#whenOpen()).board
    const week = weeks.find(({ to }) => to * 1000 > dateMilliseconds) ?? weeks.at(-1)
    if (week === undefined) return undefined
    await this.openWeek(week.id, options)
    const messages = this.messages(week.id, options)
    const found = messages.findIndex(({ timeMilliseconds }) => timeMilliseconds >= dateMilliseconds)
    return { weekId: week.id, messageId: messages[found]?.id, position: found < 0 ? messages.length : found }
  }

  async fetchRest(options: WaitOptions = {}): Promise<{ readonly openWeeks: number; readonly keptWeeks: number }> {
    const { board, history } = await this.#whenOpen()
    const wantedBytes = board.weeks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const onProgress: WaitOptions['onProgress'] = ({ step, messages }) => {
      options.onProgress?.({ step, hereBytes: board.hereBytes, wantedBytes, messages: history.messageCount + messages })
    }
    let keptWeeks = 0
    for (const week of board.weeks.toReversed()) {
      options.signal?.throwIfAborted()
      if (history.messageCount < this.#limits.maxLoadedMessages)
        await this.openWeek(week.id, { ...options, onProgress })
      else {
        for (const archive of week.archives)
          await this.#bring('week', piecesOfArchive(archive), { ...options, onProgress }, () =>
            onProgress({ step: 'fetching', hereBytes: 0, wantedBytes, messages: 0 }),
          )
        keptWeeks += 1
      }
    }
    return { openWeeks: board.weeks.length - keptWeeks, keptWeeks }
  }

  seed(on: boolean): void {
    this.#seeding = on
    this.#torrent?.swarm?.seed(on)
    this.#changed()
  }

  async exportWeek(
    weekId: string,
    format: ExportFormat,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Export> {
    const history = this.#openWeekHistory(weekId)
    const link = this.#link!
    const { from, to } = this.#open!.board.find(weekId)!
    return exportWeek(
      {
        communityId: this.#torrent!.pieces.info.communityId,
        communityName: link.name,
        infoHash: link.infoHash,
        signature: link.signature,
        from,
        to,
        tally: history.week(weekId)!.tally,
        channelNames: link.channelNames,
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
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.#closed.abort(new ReaderClosedError())
    await this.opened.catch(() => {})
    this.#open?.board.dispose()
    await this.#torrent?.[Symbol.asyncDispose]()
    await Promise.allSettled(this.#opening.values())
    this.#changed()
  }

  async #begin(link: ReaderLink): Promise<void> {
    const { signal } = this.#closed
    try {
      this.#link = await resolveLink(link, { fetch: this.#ports.fetch, signal })
      this.#enter('fetching-info')
      this.#torrent = await openTorrent({
        link: this.#link,
        ports: this.#ports,
        limits: this.#limits,
        signal,
        onEvent: (event) => this.#onEvent(event),
      })
      this.#torrent.swarm?.seed(this.#seeding)
      await this.#takeKeptKeys(this.#torrent.pieces.info.communityId)
      this.#enter('fetching-index')
      await this.#openIndex(this.#torrent)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      this.#error = error instanceof Error ? error : new Error(String(error))
      this.#enter('failed')
      throw error
    }
  }

  async #takeKeptKeys(communityId: string): Promise<void> {
    try {
      const text = await this.#ports.pieces.readKeys(communityId)
      for (const key of text === undefined ? [] : parseGroupKeys(text, communityId)) this.#keys.add(key)
    } catch (error) {
      // They are asked for again.
      if (!(error instanceof StorageError || error instanceof GroupKeyTextError)) throw error
    }
  }

  /** Brings the index and reads it; one that is encrypted, and whose key is not here, waits. */
  async #openIndex(torrent: OpenTorrent): Promise<void> {
    const { pieces } = torrent
    const { dataPieces, pieceCount, dataBytes, indexBytes, infoHash, communityId } = pieces.info
    const numbers = Array.from({ length: pieceCount - dataPieces }, (_, at) => dataPieces + at)
    let index = await this.#readPieces('index', numbers, { offsetBytes: dataBytes, sizeBytes: indexBytes }, {})
    if (isEncrypted(index)) {
      const opened = await decryptForGroup(index, { lookUpKey: this.#keys.lookUp, ratchet: this.#ratchet })
      if (opened.kind === 'refused') throw new IndexRefusedError(infoHash, { cause: opened.error })
      if (opened.kind === 'key-missing') {
        this.#missingKeys = [nameOfKey(opened.wanted)]
        this.#enter('waits-for-key')
        return
      }
      index = opened.plain
    }
    const { weeks, rejected } = readIndex(index, dataBytes, infoHash)
    this.#open = {
      board: new WeekBoard(weeks, pieces, () => this.#changed()),
      history: new History(communityId, this.#link!.channelNames),
      rejectedEntries: rejected.length,
    }
    this.#missingKeys = []
    // What a community signed is its newest word, so what is in no piece of it is of no use any more.
    if (this.#link!.signature.kind === 'signed') await pieces.removeForeign()
    this.#enter('ready')
  }

  async #openOnce(week: Week, options: WaitOptions): Promise<void> {
    const { board, history } = this.#open!
    board.set(week.id, 'opening')
    this.#changed()
    const work = this.#readWeek(week, options)
    this.#opening.set(week.id, work)
    try {
      await work
    } catch (error) {
      history.remove(week.id)
      board.set(week.id, 'closed')
      throw error
    } finally {
      this.#opening.delete(week.id)
      // Another week that is being read may still need its own.
      if (this.#opening.size === 0) this.#torrent?.pieces.releaseLoose()
      this.#changed()
    }
  }

  async #readWeek(week: Week, { signal, onProgress }: WaitOptions): Promise<void> {
    const { board, history } = this.#open!
    const { communityId } = this.#torrent!.pieces.info
    const either = AbortSignal.any([this.#closed.signal, ...(signal === undefined ? [] : [signal])])
    let messages = 0
    const tell = (step: 'fetching' | 'reading'): void =>
      onProgress?.({ step, hereBytes: board.state(week.id)!.hereBytes, wantedBytes: week.sizeBytes, messages })
    const decoded = await decodeWeek(
      week.archives.map((archive) => ({
        id: archive.id,
        from: archive.from,
        to: archive.to,
        read: async () => {
          const { offsetBytes, sizeBytes, paddingBytes } = archive
          const range = { offsetBytes, sizeBytes: sizeBytes - paddingBytes }
          return this.#readPieces('week', piecesOfArchive(archive), range, { signal: either }, () => tell('fetching'))
        },
      })),
      {
        communityId,
        lookUpKey: this.#keys.lookUp,
        ratchet: this.#ratchet,
        signal: either,
        onProgress: (count) => {
          messages = count
          tell('reading')
        },
      },
    )
    history.add(week.id, decoded)
    board.set(week.id, 'open', decoded)
  }

  /** Brings pieces and reads a range of them; again where one that was kept turns out to be damaged. */
  async #readPieces(
    step: FetchStep,
    numbers: readonly number[],
    range: { readonly offsetBytes: number; readonly sizeBytes: number },
    options: WaitOptions,
    onPiece?: () => void,
  ): Promise<Uint8Array> {
    const { pieces } = this.#torrent!
    for (let attempt = 1; ; attempt += 1) {
      await this.#bring(step, numbers, options, onPiece)
      try {
        return await pieces.readRange(range.offsetBytes, range.sizeBytes)
      } catch (error) {
        // A storage that takes pieces and does not give them back would keep us here for ever.
        if (!(error instanceof PieceMissingError) || attempt === maxReadAttempts) throw error
      }
    }
  }

  async #bring(step: FetchStep, numbers: readonly number[], options: WaitOptions, onPiece?: () => void): Promise<void> {
    const { pieces, fetcher, hasSources } = this.#torrent!
    if (!hasSources && pieces.missing(numbers).length > 0) throw new NoSourceError(pieces.info.infoHash)
    await fetcher.bring(numbers, { step, signal: options.signal, onPiece })
  }

  /** With new keys: the index if it waited, and weeks of which something could not be read. */
  async #readAnew(): Promise<void> {
    if (this.#phase === 'waits-for-key') await this.#openIndex(this.#torrent!)
    const open = this.#open
    if (open === undefined) return
    for (const { id, phase, missingKeys } of open.board.states()) {
      if (phase !== 'open' || missingKeys.length === 0) continue
      open.board.set(id, 'closed')
      await this.openWeek(id)
    }
  }

  async #whenTorrent(): Promise<OpenTorrent> {
    await this.opened
    this.#closed.signal.throwIfAborted()
    return this.#torrent!
  }

  async #whenOpen(): Promise<OpenHistory> {
    await this.#whenTorrent()
    return (
      this.#open ?? {
        board: new WeekBoard([], this.#torrent!.pieces, () => {}),
        history: new History('', new Map()),
        rejectedEntries: 0,
      }
    )
  }

  #openWeekHistory(weekId: string): History {
    const open = this.#open
    if (open?.board.find(weekId) === undefined) throw new UnknownWeekError(weekId, 'not-in-index')
    if (open.history.week(weekId) === undefined) throw new UnknownWeekError(weekId, 'not-open')
    return open.history
  }

  #onEvent(event: SwarmEvent): void {
    if (event.kind === 'bytes') this.#bytes[event.source === 'webrtc' ? 'fromPeers' : 'fromWebSeeds'] += event.bytes
    else if (event.kind === 'sent') this.#bytes.toPeers += event.bytes
    else if (event.kind === 'peers') this.#peers = event.count
    else if (event.kind === 'piece-refused') this.#refusedPieces += 1
    for (const listener of this.#events) listener(event)
    this.#changed()
  }

  #enter(phase: ReaderPhase): void {
    if (this.#phase !== 'closed') this.#phase = phase
    this.#changed()
  }

  #changed(): void {
    this.#state = undefined
    this.#notifier.notify()
  }
}

function readIndex(index: Uint8Array, dataBytes: number, infoHash: string): ReturnType<typeof readWeeks> {
  try {
    return readWeeks(index, dataBytes)
  } catch (cause) {
    if (cause instanceof ArchiveError) throw new IndexRefusedError(infoHash, { cause })
    throw cause
  }
}
