import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { choosePort } from '../choose-port.ts'
import { Link } from './link.ts'
import type { Direction } from './link.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Stands between clients and a server, and does to their connections what networks do. */
export interface FaultProxy extends AsyncDisposable {
  /** Where clients reach it; the same after `heal`. */
  readonly address: Endpoint
  /**
   * `refuse` (the default) drops all connections and refuses new ones. `silent` keeps all and takes new ones, and nothing
   * goes through: what is sent meanwhile arrives after `heal`, as TCP sends it again.
   */
  cut(mode?: 'refuse' | 'silent'): Promise<void>
  /** One direction goes silent, of the connections that are open and of those to come; the other works on. */
  halfClose(direction: Direction): void
  /** What comes from now on takes so much longer, in both directions. 0 for no delay. */
  delay(milliseconds: number): void
  /** Ends every fault, the delay too. Connections that were dropped stay so. */
  heal(): Promise<void>
}

/** A proxy on loopback in front of a server, without a fault at first. @throws the system's error where it cannot listen */
export async function startFaultProxy(target: Endpoint): Promise<FaultProxy> {
  const proxy = new TcpFaultProxy(target, { host: '127.0.0.1', port: await choosePort() })
  await proxy.listen()
  return proxy
}

class TcpFaultProxy implements FaultProxy {
  readonly address: Endpoint
  readonly #target: Endpoint
  readonly #server: Server
  readonly #links = new Set<Link>()
  readonly #silent = new Set<Direction>()
  #delayMilliseconds = 0

  constructor(target: Endpoint, address: Endpoint) {
    this.#target = target
    this.address = address
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) =>
      this.#link(client),
    )
  }

  async listen(): Promise<void> {
    if (this.#server.listening) return
    this.#server.listen(this.address.port, this.address.host)
    await once(this.#server, 'listening')
  }

  async cut(mode: 'refuse' | 'silent' = 'refuse'): Promise<void> {
    if (mode === 'silent') {
      this.#silence('toTarget', 'toClient')
      return
    }
    const isListening = this.#server.listening
    this.#server.close()
    for (const link of this.#links) link.drop()
    if (isListening) await once(this.#server, 'close')
  }

  halfClose(direction: Direction): void {
    this.#silence(direction)
  }

  delay(milliseconds: number): void {
    this.#delayMilliseconds = milliseconds
  }

  async heal(): Promise<void> {
    this.#delayMilliseconds = 0
    this.#silent.clear()
    for (const link of this.#links) link.follow()
    await this.listen()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut('refuse')
  }

  #silence(...directions: Direction[]): void {
    for (const direction of directions) this.#silent.add(direction)
    for (const link of this.#links) link.follow()
  }

  #link(client: Socket): void {
    const target = connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    const link = new Link(client, target, () => ({
      silent: this.#silent,
      delayMilliseconds: this.#delayMilliseconds,
    }))
    this.#links.add(link)
    let open = 2
    for (const socket of [client, target])
      socket.once('close', () => {
        open -= 1
        if (open === 0) this.#links.delete(link)
      })
  }
}
