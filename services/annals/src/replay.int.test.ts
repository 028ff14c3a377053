import type { AnnalsConfig } from '@annals/service'
import type { StateStore } from '@annals/storage'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngines, readEnv } from '@annals/service'
import { communities } from '@annals/storage'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { damages } from './testing/damages.ts'
import type { LivedNodes } from './testing/lived-nodes.ts'
import { liveThrough } from './testing/lived-nodes.ts'
import { runCli } from './testing/run-cli.ts'

interface Report {
  readonly events: number
  readonly communities: number
  readonly rows: number
  readonly different: number
  readonly repaired: number
  readonly behind: number
  readonly ahead: number
  readonly differences: readonly {
    readonly collection: string
    readonly communityId: string
    readonly field: string
    readonly repaired: boolean
  }[]
}

let lived: LivedNodes
let folder: string
beforeAll(async () => {
  lived = await liveThrough()
  folder = await mkdtemp(join(tmpdir(), 'annals-replay-'))
})
afterAll(async () => {
  await lived[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

let copies = 0

/** A copy of a node's data folder, with something done to its state. */
async function damaged(node: 'control' | 'member', damage: (state: StateStore) => Promise<unknown>): Promise<string> {
  copies += 1
  const data = join(folder, `copy-${copies}`)
  await cp(lived[node], data, { recursive: true })
  await using stack = new AsyncDisposableStack()
  const { state } = await openEngines(configOf(data), pino({ level: 'silent' }), stack, { torrents: false })
  await damage(state)
  return data
}

function configOf(data: string): AnnalsConfig {
  return readEnv({ ANNALS_DATA: data, ANNALS_CHANNEL: join(folder, 'channel') })
}

async function replay(data: string, ...args: string[]): Promise<Report & { readonly exitCode: number }> {
  const { exitCode, stdout } = await runCli(['replay', '--data', data, '--json', ...args])
  return { ...(JSON.parse(stdout) as Report), exitCode }
}

describe('replay', () => {
  it('finds that the state of nodes that did their work is what the log says', async () => {
    for (const [data, known] of [
      [lived.control, 3],
      [lived.member, 1],
    ] as const) {
      const report = await replay(data)
      expect(report).toMatchObject({ exitCode: 0, communities: known, differences: [], behind: 0, ahead: 0 })
      expect(report.events).toBeGreaterThan(10)
      const { exitCode, stdout } = await runCli(['replay', '--data', data])
      expect(exitCode).toBe(0)
      expect(stdout).toContain('what the log says')
      expect(await replay(data, '--community', lived.communityId)).toMatchObject({ exitCode: 0, communities: 1 })
    }
  })

  it.each(damages)('finds a wrong $field in the $collection of a $node', async ({ collection, field, node, apply }) => {
    const data = await damaged(node, (state) => apply(state, lived.communityId))
    const report = await replay(data)
    expect(report).toMatchObject({ exitCode: 1, different: 1, repaired: 0 })
    expect(new Set(report.differences.map((each) => each.collection))).toEqual(new Set([collection]))
    expect(report.differences.map((each) => each.field)).toContainEqual(expect.stringMatching(new RegExp(`${field}$`)))
    expect(new Set(report.differences.map(({ communityId }) => communityId))).toEqual(new Set([lived.communityId]))
    const { exitCode, stdout } = await runCli(['replay', '--data', data, '--community', lived.communityId])
    expect(exitCode).toBe(1)
    expect(stdout).toContain(`${collection} ${lived.communityId} `)

    const mended = await replay(data, '--repair')
    const mendable = collection === 'communities' || collection === 'schedules'
    expect(mended).toMatchObject({ exitCode: mendable ? 0 : 1, different: 1, repaired: mendable ? 1 : 0 })
    expect(await replay(data)).toMatchObject({ exitCode: mendable ? 0 : 1 })
  })

  it('says what it cannot mend, and what to do about it', async () => {
    const data = await damaged('control', async (state) => {
      for (const { apply, collection, field } of damages)
        if (['communities name', 'catalogues row'].includes(`${collection} ${field}`))
          await apply(state, lived.communityId)
    })
    const { exitCode, stdout, stderr } = await runCli(['replay', '--data', data, '--repair'])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/communities .* name: the log says "C", there is "another"; repaired/)
    expect(stderr).toMatch(/catalogues: .*backup/)
    expect(stderr).not.toContain('communities:')
  })

  it('finds a row of a community that the log does not know, and leaves it', async () => {
    const stranger = `0x02${'1'.repeat(64)}`
    const data = await damaged('control', async (state) => {
      const row = await state.collection(communities).get(lived.communityId)
      if (row !== undefined)
        await state.collection(communities).put(stranger, { ...row.value, communityId: stranger }, 0)
    })
    const report = await replay(data, '--repair')
    expect(report).toMatchObject({ exitCode: 1, different: 1, repaired: 0 })
    expect(report.differences[0]).toMatchObject({ collection: 'communities', communityId: stranger })
    expect(await replay(data)).toMatchObject({ exitCode: 1, different: 1 })
  })

  it('leaves a running node alone, and says to stop it first', async () => {
    await using stack = new AsyncDisposableStack()
    const data = await damaged('member', async () => undefined)
    await openEngines(configOf(data), pino({ level: 'silent' }), stack, { torrents: false })
    const { exitCode, stderr } = await runCli(['replay', '--data', data])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`process ${process.pid}: stop`)
  })

  it('makes no folder where there is none', async () => {
    const { exitCode, stderr } = await runCli(['replay', '--data', join(folder, 'nowhere')])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('nowhere')
    expect((await runCli(['replay', '--data', join(folder, 'nowhere')])).exitCode).toBe(2)
  })

  it('ends at once when it is interrupted', async () => {
    const { exitCode, stderr } = await runCli(['replay', '--data', lived.control], {}, AbortSignal.abort())
    expect(exitCode).toBe(1)
    expect(stderr).toContain('interrupted')
  })
})
