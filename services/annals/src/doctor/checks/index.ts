import { localChecks } from './local/index.ts'
import { mongodbChecks } from './mongodb/index.ts'
import { natsChecks } from './nats/index.ts'
import { wakuChecks } from './waku/index.ts'

/** Every check, in the order in which they are told. */
export const checks = [...localChecks, ...wakuChecks, ...natsChecks, ...mongodbChecks]
