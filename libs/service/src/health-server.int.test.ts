import { join } from 'node:path'
import { spawnScript } from '@annals/sqlite/testing'
import { expect, it } from 'vitest'
import { HealthAddressError, HealthServer } from './health-server.ts'
import type { HealthAddress } from './health-server.ts'
import { testFolder } from './testing/index.ts'

async function ask({ host, port }: HealthAddress): Promise<Record<string, number>> {
  const paths = ['/startup', '/ready', '/live', '/', '/live?x', '/constructor']
  const statuses = paths.map(async (path) => [path, (await fetch(`http://${host}:${port}${path}`)).status] as const)
  return Object.fromEntries(await Promise.all(statuses))
}

const unknown = { '/': 404, '/live?x': 404, '/constructor': 404 }

it('health has three answers that differ: at work by now, takes work, alive', async () => {
  await using health = await HealthServer.listen({ host: '127.0.0.1', port: 0 })
  expect(await ask(health.address)).toEqual({ '/startup': 503, '/ready': 503, '/live': 200, ...unknown })
  health.state = 'running'
  expect(await ask(health.address)).toEqual({ '/startup': 200, '/ready': 200, '/live': 200, ...unknown })
  health.state = 'draining'
  expect(await ask(health.address)).toEqual({ '/startup': 200, '/ready': 503, '/live': 200, ...unknown })
})

it('health says where it cannot listen', async () => {
  await using health = await HealthServer.listen({ host: '127.0.0.1', port: 0 })
  const second = HealthServer.listen(health.address)
  await expect(second).rejects.toBeInstanceOf(HealthAddressError)
  await expect(second).rejects.toMatchObject({ address: health.address })
})

it.each([
  ['starts for ever', 'hangs', { '/startup': 503, '/ready': 503, '/live': 200 }],
  ['has started', 'none', { '/startup': 200, '/ready': 200, '/live': 200 }],
] as const)('a process that %s says so', async (_, kind, answers) => {
  const address = await freeAddress()
  await using folder = await testFolder()
  const environment = {
    ANNALS_DATA: join(folder.path, 'data'),
    ANNALS_TORRENT_DHT: 'off',
    ANNALS_LOG: 'silent',
    ANNALS_HEALTH: `${address.host}:${address.port}`,
  }
  const wrapper = ['/usr/bin/env', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)]
  await using child = spawnScript(new URL('./testing/run-nothing.ts', import.meta.url), [kind], wrapper)
  await child.untilLines(1)
  expect(await ask(address)).toEqual({ ...answers, ...unknown })
})

async function freeAddress(): Promise<HealthAddress> {
  await using free = await HealthServer.listen({ host: '127.0.0.1', port: 0 })
  return free.address
}
