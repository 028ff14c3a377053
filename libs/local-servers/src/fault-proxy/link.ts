import type { Socket } from 'node:net'
import { OneWay } from './one-way.ts'

/** Seen from the proxy: what the client says, or what the target says. */
export type Direction = 'toTarget' | 'toClient'

export interface LinkState {
  readonly silent: ReadonlySet<Direction>
  readonly delayMilliseconds: number
}

/** A client's connection and the one to the target that belongs to it. */
export class Link {
  readonly #sockets: readonly [client: Socket, target: Socket]
  readonly #ways: Readonly<Record<Direction, OneWay>>
  readonly #state: () => LinkState

  constructor(client: Socket, target: Socket, state: () => LinkState) {
    this.#sockets = [client, target]
    this.#state = state
    const delay = (): number => state().delayMilliseconds
    this.#ways = { toTarget: new OneWay(client, target, delay), toClient: new OneWay(target, client, delay) }
    for (const socket of this.#sockets) {
      socket.on('error', () => {})
      socket.on('close', (isError: boolean) => {
        if (isError) this.follow()
      })
    }
    this.follow()
  }

  /** Does what the proxy's state says. A connection that broke off breaks off on the other side, unless nothing may pass. */
  follow(): void {
    const { silent } = this.#state()
    for (const direction of ['toTarget', 'toClient'] as const) this.#ways[direction].setSilent(silent.has(direction))
    if (silent.size === 0 && this.#sockets.some((socket) => socket.errored !== null)) this.drop()
  }

  /** Breaks it off on both sides (RST). */
  drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}
