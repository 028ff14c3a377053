import type { ServiceContext } from '@annals/service'
import type { GatewayContext } from '../server/gateway-context.ts'
import { collectHealth } from '../health/collect-health.ts'
import { FetchedEnds } from '../health/fetched-ends.ts'
import { HealthBoard } from '../health/health-board.ts'

/** What handlers work with, for tests that call what a gateway is made of. */
export function gatewayContextOf(context: ServiceContext): GatewayContext {
  return {
    ...context,
    version: 'test',
    startedAtMilliseconds: 0,
    stopping: new AbortController().signal,
    health: new HealthBoard(() => collectHealth(context)),
    fetchedEnds: new FetchedEnds(context.state),
    httpAddress: () => '',
    prepareSigning: () => undefined,
  }
}
