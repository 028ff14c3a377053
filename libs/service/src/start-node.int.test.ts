import type { ServiceDefinition } from './service.ts'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { readEnv } from './config.ts'
import type { AnnalsConfig } from './config.ts'
import { startNode } from './start-node.ts'
import type { TestFolder } from './testing/index.ts'
import { testFolder } from './testing/index.ts'

const log = pino({ level: 'silent' })

function configIn({ path }: TestFolder): AnnalsConfig {
  return readEnv({
    ANNALS_DATA: join(path, 'data'),
    ANNALS_CHANNEL: join(path, 'channel'),
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
  })
}

function recorded(name: string, steps: string[]): ServiceDefinition {
  return {
    name,
    start: async (_, signal) => {
      steps.push(`${name} starts`)
      signal.addEventListener('abort', () => steps.push(`${name} is told to stop`))
      return { [Symbol.asyncDispose]: async () => void steps.push(`${name} drained`) }
    },
  }
}

it('startNode › tells everything to stop, then drains what was started last first, then closes the engines', async () => {
  await using folder = await testFolder()
  const steps: string[] = []
  const node = await startNode([recorded('a', steps), recorded('b', steps)], { config: configIn(folder), log })
  await node[Symbol.asyncDispose]()
  expect(steps).toEqual(['a starts', 'b starts', 'a is told to stop', 'b is told to stop', 'b drained', 'a drained'])
  await expect(node.context.bus.lastSequence()).rejects.toMatchObject({ name: 'BusClosedError' })
})

it('startNode › closes everything again when a service fails to start', async () => {
  await using folder = await testFolder()
  const config = configIn(folder)
  const steps: string[] = []
  const failure = new TypeError('cannot start')
  const failing: ServiceDefinition = { name: 'failing', start: () => Promise.reject(failure) }
  await expect(startNode([recorded('a', steps), failing], { config, log })).rejects.toBe(failure)
  expect(steps).toEqual(['a starts', 'a is told to stop', 'a drained'])
  // The folder is free again, and so is everything in it.
  await using again = await startNode([], { config, log })
  expect(await again.context.bus.lastSequence()).toBe(0)
})

it('startNode › starts nothing more once it is told to stop', async () => {
  await using folder = await testFolder()
  const stop = new AbortController()
  const steps: string[] = []
  const reason = new Error('told to stop')
  const stopping: ServiceDefinition = {
    name: 'stopping',
    start: async () => {
      stop.abort(reason)
      return { [Symbol.asyncDispose]: async () => {} }
    },
  }
  const starting = startNode([stopping, recorded('a', steps)], { config: configIn(folder), log, signal: stop.signal })
  await expect(starting).rejects.toBe(reason)
  expect(steps).toEqual([])
})

it('startNode › lets the log know of a handler that fails', async () => {
  await using folder = await testFolder()
  const lines = Promise.withResolvers<string>()
  const telling = pino({ level: 'warn' }, { write: (line: string) => lines.resolve(line) })
  await using node = await startNode([], { config: configIn(folder), log: telling })
  const spec = {
    name: 'failing',
    events: ['CommunityLeft'],
    maxDeliveries: 1,
    backoffSeconds: [1],
    concurrency: 1,
  } as const
  await using _ = await node.context.bus.consume({ ...spec, startFrom: 'beginning' }, () =>
    Promise.reject(new TypeError('no such luck')),
  )
  await node.context.bus.publish({ id: 'CommunityLeft/c/1', name: 'CommunityLeft', communityId: 'c', payload: {} })
  expect(JSON.parse(await lines.promise)).toMatchObject({ consumer: 'failing', err: { message: 'no such luck' } })
})
