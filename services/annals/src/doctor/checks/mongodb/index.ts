import { mongodbBlobs } from './mongodb-blobs.ts'
import { mongodbClock } from './mongodb-clock.ts'
import { mongodbConnection } from './mongodb-connection.ts'
import { mongodbIndexes } from './mongodb-indexes.ts'
import { mongodbInstances } from './mongodb-instances.ts'
import { mongodbLeases } from './mongodb-leases.ts'
import { mongodbRoundTrip } from './mongodb-round-trip.ts'
import { mongodbServer } from './mongodb-server.ts'
import { mongodbSize } from './mongodb-size.ts'
import { mongodbWrites } from './mongodb-writes.ts'

/** The server of state, messages and blobs. */
export const mongodbChecks = [
  mongodbConnection,
  mongodbServer,
  mongodbRoundTrip,
  mongodbClock,
  mongodbWrites,
  mongodbIndexes,
  mongodbSize,
  mongodbBlobs,
  mongodbInstances,
  mongodbLeases,
]
