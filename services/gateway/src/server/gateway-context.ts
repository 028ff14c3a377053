import type { ServiceContext } from '@annals/service'
import type { FetchedEnds } from '../health/fetched-ends.ts'
import type { HealthBoard } from '../health/health-board.ts'

/** What bounds HTTP. */
export interface HttpLimits {
  /** From one address, where a part has no limits of its own. */
  readonly requestsPerMinute?: number
  /** From one sign of life of a stream of events to the next one. */
  readonly heartbeatSeconds?: number
  /** A reader of a stream of events that takes nothing for so long is let go. */
  readonly slowReaderSeconds?: number
  /** A connection over which nothing moves for so long is closed. */
  readonly idleSeconds?: number
  /** How often it is looked whether a client of the web seed takes what it asked for. */
  readonly paceSeconds?: number
}

/** What the gateway's handlers work with. */
export interface GatewayContext extends ServiceContext {
  readonly version: string
  /** Unix milliseconds of the machine's clock. */
  readonly startedAtMilliseconds: number
  /** Aborts when the gateway stops: calls that would go on end then. */
  readonly stopping: AbortSignal
  /** How all communities are. */
  readonly health: HealthBoard
  readonly fetchedEnds: FetchedEnds
  /** Where HTTP is served; empty where it is not. */
  readonly httpAddress: () => string
  /** Makes signing cheaper for the rest of the process's life; takes half a second the first time, nothing later. */
  readonly prepareSigning: () => void
  /** For unary calls that set no deadline; 30 where absent. */
  readonly defaultDeadlineSeconds?: number
  /** Where other ones are wanted than the usual ones. */
  readonly httpLimits?: HttpLimits
}
