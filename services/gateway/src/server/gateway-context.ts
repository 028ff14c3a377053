import type { ServiceContext } from '@annals/service'

/** What the gateway's handlers work with. */
export interface GatewayContext extends ServiceContext {
  readonly version: string
  /** Unix milliseconds of the machine's clock. */
  readonly startedAtMilliseconds: number
  /** Aborts when the gateway stops: calls that would go on end then. */
  readonly stopping: AbortSignal
  /** Makes signing cheaper for the rest of the process's life; takes half a second the first time, nothing later. */
  readonly prepareSigning: () => void
  /** For unary calls that set no deadline; 30 where absent. */
  readonly defaultDeadlineSeconds?: number
}
