import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { GatewayContext } from '../server/gateway-context.ts'

/** Takes over a connection that is to become a WebSocket, and what of it was read too far. */
export type TakeConnection = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What a part is given to stand on. */
export interface MountPoint {
  readonly context: GatewayContext
  /** Of the part's own: its hooks and plugins see its own routes only. Each route must stand in the table (routes.ts). */
  readonly app: FastifyInstance
  /** The path of a request that asks for an upgrade, without what follows a question mark. */
  onUpgrade(path: string, take: TakeConnection): void
}

/** Something that is served beside the API: the web seed, the tracker, the page. */
export interface HttpPart {
  readonly name: string
  /** Adds its routes. What it answers is disposed of when the server has closed. */
  mount(at: MountPoint): Promise<AsyncDisposable | undefined>
}
