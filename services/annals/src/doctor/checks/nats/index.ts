import { natsBacklog } from './nats-backlog.ts'
import { natsClock } from './nats-clock.ts'
import { natsConnection } from './nats-connection.ts'
import { natsConsumers } from './nats-consumers.ts'
import { natsDeadLetters } from './nats-dead-letters.ts'
import { natsDurability } from './nats-durability.ts'
import { natsJetStream } from './nats-jetstream.ts'
import { natsPayload } from './nats-payload.ts'
import { natsPermissionsCheck } from './nats-permissions.ts'
import { natsReplicas } from './nats-replicas.ts'
import { natsRoundTrip } from './nats-round-trip.ts'
import { natsStaleConsumers } from './nats-stale-consumers.ts'
import { natsStreams } from './nats-streams.ts'
import { natsVersion } from './nats-version.ts'

/** The server of the event log and the channel. */
export const natsChecks = [
  natsConnection,
  natsVersion,
  natsRoundTrip,
  natsJetStream,
  natsPayload,
  natsClock,
  natsPermissionsCheck,
  natsStreams,
  natsReplicas,
  natsDurability,
  natsConsumers,
  natsStaleConsumers,
  natsBacklog,
  natsDeadLetters,
]
