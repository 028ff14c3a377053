import type { DecodedWeek } from '../chat/decode-week.ts'
import type { TorrentPieces } from '../pieces/torrent-pieces.ts'
import type { WeekState } from './reader-state.ts'
import { piecesOfWeek, type Week } from './weeks.ts'

interface Row {
  readonly week: Week
  readonly pieces: readonly number[]
  hereBytes: number
  phase: WeekState['phase']
  decoded: DecodedWeek | undefined
  /** Until something changes. */
  state: WeekState | undefined
}

/** What is known of each week; a change of one leaves the others' states as they are. */
export class WeekBoard {
  readonly #pieces: TorrentPieces
  readonly #rows: Row[]
  readonly #byId = new Map<string, Row>()
  readonly #byPiece = new Map<number, Row>()
  readonly #stopListening: () => void
  #hereBytes = 0

  constructor(weeks: readonly Week[], pieces: TorrentPieces, onChange: () => void) {
    this.#pieces = pieces
    this.#rows = weeks.map((week) => {
      const numbers = piecesOfWeek(week)
      const hereBytes = numbers.reduce((sum, piece) => sum + (pieces.has(piece) ? pieces.sizeBytes(piece) : 0), 0)
      return { week, pieces: numbers, hereBytes, phase: 'closed', decoded: undefined, state: undefined }
    })
    for (const row of this.#rows) {
      this.#byId.set(row.week.id, row)
      for (const piece of row.pieces) this.#byPiece.set(piece, row)
    }
    this.#hereBytes = this.#rows.reduce((sum, row) => sum + row.hereBytes, 0)
    const count = (piece: number, sign: 1 | -1): void => {
      const row = this.#byPiece.get(piece)
      if (row === undefined) return
      const bytes = sign * this.#pieces.sizeBytes(piece)
      row.hereBytes += bytes
      this.#hereBytes += bytes
      row.state = undefined
      onChange()
    }
    this.#stopListening = pieces.listen({ came: (piece) => count(piece, 1), gone: (piece) => count(piece, -1) })
  }

  get weeks(): readonly Week[] {
    return this.#rows.map(({ week }) => week)
  }

  /** Of all weeks. */
  get hereBytes(): number {
    return this.#hereBytes
  }

  find(weekId: string): Week | undefined {
    return this.#byId.get(weekId)?.week
  }

  states(): WeekState[] {
    return this.#rows.map(stateOf)
  }

  state(weekId: string): WeekState | undefined {
    const row = this.#byId.get(weekId)
    return row && stateOf(row)
  }

  set(weekId: string, phase: WeekState['phase'], decoded?: DecodedWeek): void {
    const row = this.#byId.get(weekId)
    if (row !== undefined) Object.assign(row, { phase, decoded, state: undefined })
  }

  dispose(): void {
    this.#stopListening()
  }
}

function stateOf(row: Row): WeekState {
  const { id, from, to, sizeBytes } = row.week
  const { hereBytes, phase, decoded } = row
  return (row.state ??= {
    id,
    from,
    to,
    sizeBytes,
    hereBytes,
    phase,
    messages: decoded?.messages.length,
    tally: decoded?.tally,
    missingKeys: [...(decoded?.missingKeys ?? [])],
    damagedArchives: decoded?.damaged.length ?? 0,
  })
}
