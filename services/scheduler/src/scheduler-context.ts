import type { EventBus } from '@annals/events'
import type { ServiceContext } from '@annals/service'
import type { StateStore } from '@annals/storage'
import type { OwnDecisions } from './own-decisions.ts'

/** What of a service's context the scheduler needs, and what its parts share. */
export interface SchedulerContext extends Pick<ServiceContext, 'clock' | 'log' | 'tracing' | 'metrics'> {
  readonly config: Pick<ServiceContext['config'], 'intervalSeconds' | 'clock' | 'wakuStores'>
  readonly bus: Pick<EventBus, 'publish' | 'read' | 'onReconnect'>
  readonly state: Pick<StateStore, 'collection'>
  readonly own: OwnDecisions
}
