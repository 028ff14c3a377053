import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedBus } from '@annals/events'
import { openSqliteState } from '@annals/storage'
import { expect, it } from 'vitest'
import { failAtEachMoment, variedLife } from './testing/fail-at-each-moment.ts'
import { Town } from './testing/town.ts'

it('over the embedded engines: after a crash at any moment the log holds what it holds without', async () => {
  const root = await mkdtemp(join(tmpdir(), 'annals-scheduler-'))
  let towns = 0
  let engines = new AsyncDisposableStack()
  const open = async (): Promise<Town> => {
    await engines.disposeAsync()
    engines = new AsyncDisposableStack()
    const folder = join(root, String(towns++))
    const bus = engines.use(await openEmbeddedBus({ path: join(folder, 'events.db') }))
    return new Town(bus, engines.use(await openSqliteState({ path: join(folder, 'state.db') })))
  }
  try {
    // The unit test has every moment; over real files every seventh will do.
    expect(await failAtEachMoment('crash', variedLife, open, 7)).toBeGreaterThan(100)
  } finally {
    await engines.disposeAsync()
    await rm(root, { recursive: true })
  }
})
