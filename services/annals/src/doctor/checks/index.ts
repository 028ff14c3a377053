import { localChecks } from './local/index.ts'
import { mongodbChecks } from './mongodb/index.ts'
import { natsChecks } from './nats/index.ts'

/** Every check, in the order in which they are told. */
export const checks = [...localChecks, ...natsChecks, ...mongodbChecks]
