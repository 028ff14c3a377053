import type { ResolvedLink } from '../link/resolve-link.ts'
import type { SwarmEvent } from '../swarm/swarm-events.ts'
import { Notifier } from './notifier.ts'
import type { OpenTorrent } from './open-torrent.ts'
import type { ReaderPhase, ReaderState } from './reader-state.ts'
import type { WeekBoard } from './week-board.ts'

/** What a session has by now; each part is `undefined` until it is there. */
export interface SessionParts {
  readonly link: ResolvedLink | undefined
  readonly torrent: OpenTorrent | undefined
  readonly weeks: { readonly board: WeekBoard; readonly rejectedEntries: number } | undefined
}

/** How far a session is and what went over the wire, and the tellings of it. */
export class SessionStatus {
  error: Error | undefined
  missingKeys: readonly string[] = []
  readonly #parts: () => SessionParts
  readonly #notifier = new Notifier()
  readonly #listeners = new Set<(event: SwarmEvent) => void>()
  readonly #bytes = { fromPeers: 0, fromWebSeeds: 0, toPeers: 0 }
  #phase: ReaderPhase = 'resolving'
  #peers = 0
  #refusedPieces = 0
  #isSeeding = true
  #state: ReaderState | undefined

  constructor(parts: () => SessionParts) {
    this.#parts = parts
  }

  get phase(): ReaderPhase {
    return this.#phase
  }

  get isSeeding(): boolean {
    return this.#isSeeding
  }

  /** The same object until something changes. */
  get state(): ReaderState {
    return (this.#state ??= this.#look())
  }

  subscribe(listener: () => void): () => void {
    return this.#notifier.subscribe(listener)
  }

  onEvent(listener: (event: SwarmEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A session that is closed stays so. */
  enter(phase: ReaderPhase): void {
    if (this.#phase !== 'closed') this.#phase = phase
    this.changed()
  }

  seed(on: boolean): void {
    this.#isSeeding = on
    this.changed()
  }

  take(event: SwarmEvent): void {
    if (event.kind === 'bytes') this.#bytes[event.source === 'webrtc' ? 'fromPeers' : 'fromWebSeeds'] += event.bytes
    else if (event.kind === 'sent') this.#bytes.toPeers += event.bytes
    else if (event.kind === 'peers') this.#peers = event.count
    else if (event.kind === 'piece-refused') this.#refusedPieces += 1
    for (const listener of this.#listeners) listener(event)
    this.changed()
  }

  changed(): void {
    this.#state = undefined
    this.#notifier.notify()
  }

  #look(): ReaderState {
    const { link, torrent, weeks } = this.#parts()
    const info = torrent?.pieces.info
    return {
      phase: this.#phase,
      error: this.error,
      communityId: info?.communityId ?? link?.communityId,
      name: link?.name ?? '',
      infoHash: link?.infoHash,
      signature: link?.signature,
      dataBytes: info?.dataBytes,
      indexBytes: info?.indexBytes,
      weeks: weeks?.board.states() ?? [],
      rejectedEntries: weeks?.rejectedEntries ?? 0,
      missingKeys: this.missingKeys,
      peers: this.#peers,
      bytes: { ...this.#bytes },
      refusedPieces: this.#refusedPieces,
      storageProblem: torrent?.pieces.storageProblem,
      seeding: this.#isSeeding,
    }
  }
}
