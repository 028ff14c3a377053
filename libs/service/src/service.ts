import type { Signer } from '@annals/crypto'
import type { KeyStore } from '@annals/keys'
import type { Metrics, Tracing } from '@annals/telemetry'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import type { AnnalsConfig } from './config.ts'
import type { Engines } from './engines/engines.ts'
import type { CommunityRegistry } from './community-registry.ts'
import type { RefusalCounts } from './refusals/refusal-counts.ts'

/** Everything a service works with. Tests hand in what they like; no service knows which engines stand behind it. */
export interface ServiceContext extends Engines {
  readonly config: AnnalsConfig
  readonly log: Logger
  readonly clock: Clock
  readonly registry: CommunityRegistry
  /** Spans of this service. */
  readonly tracing: Tracing
  /** What this process counts and measures. */
  readonly metrics: Metrics
  /** Takes note of what came from the network and has no effect. */
  readonly refusals: RefusalCounts
  /** Private keys and keys of groups. For services that say so in `uses`. */
  readonly keys: KeyStore
  /** Signs for communities that are controlled here. For services that use `keys`. */
  readonly signer: Signer
}

/** One of the services. `start` resolves when it is at work; disposing what it answers drains and stops it. */
export interface ServiceDefinition {
  readonly name: string
  /** What it needs beside the engines that every service has. */
  readonly uses?: readonly ('torrents' | 'keys')[]
  start(context: ServiceContext, signal: AbortSignal): Promise<AsyncDisposable>
}
