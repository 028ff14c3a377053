import type { JetStreamClient } from '@nats-io/jetstream'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import type { NatsPermissionError } from './errors.ts'
import type { RequestOptions } from './request-box.ts'

/** One connection to NATS that several adapters share; whoever made it disposes of it, after them. */
export interface NatsLink extends AsyncDisposable {
  readonly connection: NatsConnection
  readonly jetstream: JetStreamClient
  /** Of the server that is connected, or was last; such as `2.15.2`. */
  readonly serverVersion: string
  /** `connected`; `disconnected` while the client looks for a server; `closed` for good. */
  readonly state: 'connected' | 'disconnected' | 'closed'
  /** Largest message with its headers that the server takes, bytes. */
  readonly maxPayloadBytes: number
  /** Calls back each time the connection is there again. */
  onReconnect(listener: () => void): Disposable
  /** Calls back each time the connection is lost, and when it is closed. */
  onDisconnect(listener: () => void): Disposable
  /** Calls back each time the server refuses something for want of a permission; a request hears of it by itself. */
  onRefused(listener: (refusal: NatsPermissionError) => void): Disposable
  /** A new subject for answers to this client, under the prefix that it was given. */
  createInbox(): string
  /**
   * Sends, and waits for one answer. Fails at once while there is no connection.
   * @throws NatsAnswerLostError, NoRespondersError, NatsPermissionError
   */
  request(subject: string, payload: Uint8Array | string, options?: RequestOptions): Promise<Msg>
  /** Resolves with true once connected; with false at the time's end, when the signal aborts, or once closed. */
  whenConnected(timeoutMilliseconds: number, signal?: AbortSignal): Promise<boolean>
}

/** True where the server is of a version or newer. */
export function isServerAtLeast(link: NatsLink, major: number, minor: number): boolean {
  const [haveMajor = 0, haveMinor = 0] = link.serverVersion.split('.').map((part) => Number.parseInt(part, 10))
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}
