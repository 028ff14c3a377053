import { say } from '@annals/sqlite/testing'
import { runService } from '../run-service.ts'
import type { ServiceDefinition } from '../service.ts'

const hangs: ServiceDefinition = {
  name: 'hangs-at-start',
  start: async (_, signal) => {
    say('starting')
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return { [Symbol.asyncDispose]: async () => {} }
  },
}

const fails: ServiceDefinition = { name: 'fails', start: () => Promise.reject(new TypeError('cannot start')) }

/** A process with a service of a kind, or none. */
const definitions = { none: [], hangs: [hangs], fails: [fails] }[process.argv[2] as 'none' | 'hangs' | 'fails']
await runService(definitions, { onStarted: () => say('started') })
