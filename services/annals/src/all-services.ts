import type { ServiceDefinition } from '@annals/service'
import { archiver } from '@annals/archiver'
import { collector } from '@annals/collector'
import { fetcher } from '@annals/fetcher'
import { gateway } from '@annals/gateway'
import { magnetDispatcher } from '@annals/magnet-dispatcher'
import { prober } from '@annals/prober'
import { scheduler } from '@annals/scheduler'
import { seeder } from '@annals/seeder'

/** Every service, for the all-in-one process. The gateway comes last: who can reach it finds the others at work. */
export const allServices: readonly ServiceDefinition[] = [
  collector,
  archiver,
  seeder,
  magnetDispatcher,
  fetcher,
  prober,
  scheduler,
  gateway,
]
