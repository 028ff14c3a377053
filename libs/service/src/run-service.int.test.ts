import type { ScriptRun } from '@annals/sqlite/testing'
import type { TestFolder } from './testing/index.ts'
import { join } from 'node:path'
import { spawnScript } from '@annals/sqlite/testing'
import { startOtlpReceiver } from '@annals/telemetry/testing'
import { expect, it } from 'vitest'
import { openTestNode, testFolder } from './testing/index.ts'

function run(kind: 'none' | 'hangs' | 'fails', folder: TestFolder, env: Record<string, string> = {}): ScriptRun {
  const environment = {
    ANNALS_DATA: join(folder.path, 'data'),
    ANNALS_CHANNEL: join(folder.path, 'channel'),
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
    ANNALS_LOG: 'silent',
    ...env,
  }
  const wrapper = ['/usr/bin/env', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)]
  return spawnScript(new URL('./testing/run-nothing.ts', import.meta.url), [kind], wrapper)
}

it.each(['SIGTERM', 'SIGINT'] as const)('a service ends with exit code 0 on %s', async (signal) => {
  await using folder = await testFolder()
  await using child = run('none', folder)
  await child.untilLines(1)
  process.kill(child.pid, signal)
  expect(await child.ended()).toBe(0)
})

it('a service ends with exit code 0 where telemetry is never taken, however short its drain is', async () => {
  await using folder = await testFolder()
  await using receiver = await startOtlpReceiver(() => undefined)
  await using child = run('none', folder, {
    ANNALS_DRAIN_SECONDS: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
    OTEL_METRIC_EXPORT_INTERVAL: '50',
  })
  await receiver.until(() => receiver.requests.length > 0)
  process.kill(child.pid, 'SIGTERM')
  expect(await child.ended()).toBe(0)
})

it('a service that is told to stop while it starts ends with exit code 0', async () => {
  await using folder = await testFolder()
  await using child = run('hangs', folder)
  await child.untilLines(1)
  process.kill(child.pid, 'SIGTERM')
  expect(await child.ended()).toBe(0)
  expect(child.lines).toEqual(['starting'])
})

it('a service ends with exit code 2 on settings that cannot be used', async () => {
  await using folder = await testFolder()
  await using wrong = run('none', folder, { ANNALS_TORRENT_PORT: 'http' })
  expect(await wrong.ended()).toBe(2)
  await using unknown = run('none', folder, { ANNALS_UNKNOWN: '1' })
  expect(await unknown.ended()).toBe(2)
})

it('a service ends with exit code 1 when its folder is in use, its clock cannot be read, or it cannot start', async () => {
  await using node = await openTestNode()
  await using inUse = run('none', { path: node.folder, [Symbol.asyncDispose]: async () => {} })
  expect(await inUse.ended()).toBe(1)
  await using folder = await testFolder()
  await using clockless = run('none', folder, { ANNALS_CLOCK: `file:${join(folder.path, 'no-clock')}` })
  expect(await clockless.ended()).toBe(1)
  await using failing = run('fails', folder)
  expect(await failing.ended()).toBe(1)
})
