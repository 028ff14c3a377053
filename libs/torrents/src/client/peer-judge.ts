import type { Wire } from 'webtorrent'

/** How long one peer has a doubtful piece for itself. */
const paroleMilliseconds = 15_000

interface Parole {
  readonly wire: Wire
  readonly until: number
}

/**
 * Finds out who sends bad blocks. A piece of several peers that fails is asked from one of them alone the next time; a
 * peer that sent all of a failed piece is banned. So a liar costs each piece at most one useless transfer.
 */
export class PeerJudge {
  readonly #sources = new Map<number, Set<Wire>>()
  readonly #paroles = new Map<number, Parole>()
  readonly #banned = new Set<string>()

  blockCame(wire: Wire, piece: number): void {
    const sources = this.#sources.get(piece)
    if (sources) sources.add(wire)
    else this.#sources.set(piece, new Set([wire]))
  }

  piecePassed(piece: number): void {
    this.#sources.delete(piece)
    this.#paroles.delete(piece)
  }

  /** Answers the peer that is now banned, if it is clear who it is. */
  pieceFailed(piece: number, nowMilliseconds: number): Wire | undefined {
    const sources = [...(this.#sources.get(piece) ?? [])]
    this.piecePassed(piece)
    const [first, ...others] = sources
    if (!first) return undefined
    if (others.length > 0) {
      this.#paroles.set(piece, { wire: first, until: nowMilliseconds + paroleMilliseconds })
      return undefined
    }
    for (const name of namesOf(first)) this.#banned.add(name)
    return first
  }

  mayAsk(wire: Wire, piece: number, nowMilliseconds: number): boolean {
    const parole = this.#paroles.get(piece)
    if (!parole || parole.wire === wire) return true
    if (!parole.wire.destroyed && nowMilliseconds < parole.until) return false
    this.#paroles.set(piece, { wire, until: nowMilliseconds + paroleMilliseconds })
    return true
  }

  isBanned(wire: Wire): boolean {
    return namesOf(wire).some((name) => this.#banned.has(name))
  }
}

function namesOf(wire: Wire): string[] {
  const id = `id ${wire.peerId}`
  // A browser's address may not be known.
  return wire.remoteAddress === undefined ? [id] : [id, `address ${wire.remoteAddress}:${wire.remotePort}`]
}
