import { decodeWeek } from '../chat/decode-week.ts'
import type { History } from '../chat/history.ts'
import { UnknownWeekError } from '../errors.ts'
import { bringPieces, readPieces } from './bring-pieces.ts'
import type { OpenTorrent } from './open-torrent.ts'
import type { WaitOptions } from './reader.ts'
import type { WeekState } from './reader-state.ts'
import type { SessionKeys } from './session-keys.ts'
import type { WeekBoard } from './week-board.ts'
import { piecesOfArchive, type Week } from './weeks.ts'

export interface WeekOpenerOptions {
  readonly torrent: OpenTorrent
  readonly board: WeekBoard
  readonly history: History
  readonly keys: SessionKeys
  /** The reader's end. */
  readonly signal: AbortSignal
  readonly onChange: () => void
}

/** Opens the weeks of an index: fetches what is missing of them, and reads their messages into the history. */
export class WeekOpener {
  readonly #options: WeekOpenerOptions
  readonly #opening = new Map<string, Promise<void>>()

  constructor(options: WeekOpenerOptions) {
    this.#options = options
  }

  /** @throws as `Reader.openWeek` */
  async open(weekId: string, options: WaitOptions = {}): Promise<WeekState> {
    const { board } = this.#options
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

  close(weekId: string): void {
    const { board, history, onChange } = this.#options
    if (board.state(weekId)?.phase !== 'open') return
    history.remove(weekId)
    board.set(weekId, 'closed')
    onChange()
  }

  /** With new keys: open weeks of which something could not be read. @throws as `open` */
  async readAnew(): Promise<void> {
    const { board } = this.#options
    for (const { id, phase, missingKeys } of board.states()) {
      if (phase !== 'open' || missingKeys.length === 0) continue
      board.set(id, 'closed')
      await this.open(id)
    }
  }

  /**
   * Opens every week, the newest first; beyond so many messages in memory, weeks are fetched and not read.
   * @returns how many are open now, and how many are here only @throws as `open`
   */
  async openAll(
    options: WaitOptions,
    maxLoadedMessages: number,
  ): Promise<{ readonly openWeeks: number; readonly keptWeeks: number }> {
    const { board, history, torrent } = this.#options
    const wantedBytes = board.weeks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const tell = (step: 'fetching' | 'reading', messages: number): void =>
      options.onProgress?.({ step, hereBytes: board.hereBytes, wantedBytes, messages: history.messageCount + messages })
    let keptWeeks = 0
    for (const week of board.weeks.toReversed()) {
      options.signal?.throwIfAborted()
      if (history.messageCount < maxLoadedMessages)
        await this.open(week.id, { ...options, onProgress: ({ step, messages }) => tell(step, messages) })
      else {
        const { signal } = options
        for (const archive of week.archives)
          await bringPieces(torrent, 'week', piecesOfArchive(archive), { signal, onPiece: () => tell('fetching', 0) })
        keptWeeks += 1
      }
    }
    return { openWeeks: board.weeks.length - keptWeeks, keptWeeks }
  }

  /** Waits until nothing is being opened any more, however that ends. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#opening.values())
  }

  async #openOnce(week: Week, options: WaitOptions): Promise<void> {
    const { board, history, torrent, onChange } = this.#options
    board.set(week.id, 'opening')
    onChange()
    const work = this.#read(week, options)
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
      if (this.#opening.size === 0) torrent.pieces.releaseLoose()
      onChange()
    }
  }

  async #read(week: Week, { signal, onProgress }: WaitOptions): Promise<void> {
    const { board, history, torrent, keys } = this.#options
    const either = AbortSignal.any([this.#options.signal, ...(signal === undefined ? [] : [signal])])
    let messages = 0
    const tell = (step: 'fetching' | 'reading'): void =>
      onProgress?.({ step, hereBytes: board.state(week.id)!.hereBytes, wantedBytes: week.sizeBytes, messages })
    const onPiece = (): void => tell('fetching')
    const decoded = await decodeWeek(
      week.archives.map((archive) => ({
        id: archive.id,
        from: archive.from,
        to: archive.to,
        read: () => {
          const { offsetBytes, sizeBytes, paddingBytes } = archive
          const range = { offsetBytes, sizeBytes: sizeBytes - paddingBytes }
          return readPieces(torrent, 'week', piecesOfArchive(archive), range, { signal: either, onPiece })
        },
      })),
      {
        communityId: torrent.pieces.info.communityId,
        lookUpKey: keys.lookUpKey,
        ratchet: keys.ratchet,
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
}
