import type { Metrics, Tracing } from '@annals/telemetry'
import type { AnnalsConfig } from '../config.ts'
import { wakuChannel } from '../config.ts'
import type { Engines } from '../engines/engines.ts'
import { TracingBus } from './tracing-bus.ts'
import { TracingChannel } from './tracing-channel.ts'

/** The engines as one service has them: what goes through bus and channel is its doing. */
export function traceEngines(
  engines: Engines,
  config: Pick<AnnalsConfig, 'natsUrl' | 'namespace' | 'channel'>,
  { tracing, metrics }: { readonly tracing: Tracing; readonly metrics: Metrics },
): Engines & { readonly tracing: Tracing } {
  const { natsUrl, namespace, channel } = config
  const system = natsUrl === '' ? 'annals' : 'nats'
  const channelSystem =
    channel === wakuChannel ? wakuChannel : channel === '' || channel.startsWith('nats:') ? system : 'annals'
  return {
    ...engines,
    tracing,
    bus: new TracingBus(engines.bus, { tracing, metrics, system, namespace }),
    channel: new TracingChannel(engines.channel, tracing, channelSystem),
  }
}
