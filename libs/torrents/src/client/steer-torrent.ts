import type { Torrent } from 'webtorrent'
import type { PeerJudge } from './peer-judge.ts'

/*
 * How a torrent in WebTorrent is made to fetch what is wanted and nothing else, and to know of pieces that came or went
 * by other ways. On disks and in browsers alike.
 */

/** WebTorrent by itself also asks for what a peer offers to a choked one. */
export function askOnlyFor(torrent: Torrent, isWanted: (piece: number) => boolean, judge: PeerJudge): void {
  const request = torrent._request.bind(torrent)
  torrent._request = (wire, piece, hotswap) =>
    isWanted(piece) && judge.mayAsk(wire, piece, Date.now()) && request(wire, piece, hotswap)
}

/**
 * Everything is selected anew: WebTorrent's own way of taking a part out of a selection that it has worked on loses
 * pieces behind that part.
 * @param pieces in any order
 */
export function selectOnly(torrent: Torrent, pieces: readonly number[], pieceCount: number): void {
  torrent.deselect(0, pieceCount - 1)
  const sorted = pieces.toSorted((a, b) => a - b)
  for (let at = 0; at < sorted.length; at += 1) {
    const first = sorted[at]!
    while (sorted[at + 1] === sorted[at]! + 1) at += 1
    torrent.select(first, sorted[at]!)
  }
}

/** A piece came by another way than this torrent's peers. */
export function markHere(torrent: Torrent, piece: number): void {
  torrent._markVerified(piece)
  for (const wire of torrent.wires) wire.have(piece)
  torrent._checkDone()
}

/** A piece that was here is gone. Peers that were told of it cannot be told otherwise; they come again and are told anew. */
export function markGone(torrent: Torrent, piece: number): void {
  torrent._markUnverified(piece)
  torrent._checkDone()
  for (const wire of torrent.wires.slice()) wire.destroy()
}

/** The piece that a warning is about, where that came and is not what the torrent says. */
export function failedPiece({ message }: Error): number | undefined {
  const piece = /^Piece (\d+) failed verification$/.exec(message)?.[1]
  return piece === undefined ? undefined : Number(piece)
}
