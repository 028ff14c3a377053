import type { ServiceDefinition } from '@annals/service'
import { startGateway } from './server/start-gateway.ts'

/** The gRPC interface over what the other services do. */
export const gateway: ServiceDefinition = {
  name: 'gateway',
  uses: ['keys'],
  start: (context, signal) => startGateway(context, signal),
}
