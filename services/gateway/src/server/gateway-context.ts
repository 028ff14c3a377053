import type { ServiceContext } from '@annals/service'
import type { HealthBoard } from '../health/health-board.ts'

/** What the gateway's handlers work with. */
export interface GatewayContext extends ServiceContext {
  readonly version: string
  /** Unix milliseconds of the machine's clock. */
  readonly startedAtMilliseconds: number
  /** Aborts when the gateway stops: calls that would go on end then. */
  readonly stopping: AbortSignal
  /** How all communities are. */
  readonly health: HealthBoard
  /** Where HTTP is served; empty where it is not. */
  readonly httpAddress: () => string
  /** Makes signing cheaper for the rest of the process's life; takes half a second the first time, nothing later. */
  readonly prepareSigning: () => void
  /** For unary calls that set no deadline; 30 where absent. */
  readonly defaultDeadlineSeconds?: number
  /** Where other ones are wanted than those of serve-events.ts. */
  readonly httpLimits?: { readonly heartbeatSeconds?: number; readonly slowReaderSeconds?: number }
}
