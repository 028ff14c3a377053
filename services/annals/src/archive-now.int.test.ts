import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pageAddress } from '@annals/gateway'
import { readEnv, startNode, systemClock } from '@annals/service'
import { eventsOf, messageOf, waitForEvent } from '@annals/service/testing'
import { pino } from 'pino'
import { allServices } from './all-services.ts'
import { runCli, runJson } from './testing/run-cli.ts'

it('a node seals, seeds and announces what is there when somebody wants that, and announces it again', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'annals-now-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const env = {
    ANNALS_DATA: join(folder, 'data'),
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
    ANNALS_TRACKERS: '',
  }
  const config = readEnv(env)
  const { context } = stack.use(await startNode(allServices, { config, log: pino({ level: 'silent' }) }))
  const { communityId } = await runJson<{ communityId: string }>(
    ['community', 'add', '--name', 'One', '--chat', 'general=general'],
    env,
  )
  const now = systemClock.nowSeconds()
  await context.messages.ingest(communityId, [messageOf(communityId, now - 1_000)], 'pending')
  expect((await runCli(['community', 'archive-now', communityId], env)).stderr).toContain('archiving is off')
  await runJson(['community', 'enable', communityId], env)
  await waitForEvent(context, communityId, 'HistorySynced')

  const wanted = await runJson<{ from: number; until: number }>(['community', 'archive-now', communityId], env)
  expect(wanted.from).toBe(now - 1_000)
  const { payload: due } = await waitForEvent(context, communityId, 'ArchiveDue')
  expect(due).toMatchObject({ from: now - 1_000, to: wanted.until })
  await waitForEvent(context, communityId, 'MagnetLinkDispatched')
  expect((await runCli(['community', 'archive-now', communityId], env)).stderr).toContain('not sealed yet')

  await runJson(['community', 'announce-again', communityId], env)
  while ((await eventsOf(context, communityId, 'MagnetLinkDispatched')).length < 2)
    await new Promise((resolve) => setImmediate(resolve))
  const [first, second] = await eventsOf(context, communityId, 'MagnetLinkDispatched')
  expect(second?.payload.infoHash).toBe(first?.payload.infoHash)
  expect(second?.payload.clockMilliseconds).toBeGreaterThan(first?.payload.clockMilliseconds ?? Infinity)
})

it('the page of a node is where its folder says, and what opens it is for the folder’s owner alone', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'annals-page-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const config = readEnv({ ANNALS_DATA: folder, ANNALS_TORRENT_HOST: '127.0.0.1', ANNALS_TORRENT_DHT: 'off' })
  expect(await pageAddress(config)).toBeUndefined()
  stack.use(await startNode(allServices, { config, log: pino({ level: 'silent' }) }))
  const page = new URL((await pageAddress(config)) ?? '')
  const token = page.hash.replace('#token=', '')
  const answer = await fetch(new URL('/api/v1/status', page), { headers: { authorization: `Bearer ${token}` } })
  expect(await answer.json()).toMatchObject({ httpAddress: page.origin })
  expect((await stat(join(folder, 'http.token'))).mode & 0o777).toBe(0o600)
})
