import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spawnScript } from '@annals/sqlite/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isRunning } from '../testing/is-running.ts'
import { installOnce } from './install-once.ts'
import { removeCache } from './remove-cache.ts'

let cache: string

beforeEach(async () => {
  cache = await temporaryFolder('cache')
  vi.stubEnv('LOCAL_SERVERS_CACHE', cache)
})
afterEach(() => void vi.unstubAllEnvs())

async function makeThing(folder: string): Promise<void> {
  await writeFile(join(folder, 'whole'), 'finished')
}

const inCache = async (): Promise<string[]> => (await readdir(cache)).filter((name) => name !== 'locks')

describe('installing into the cache', () => {
  it('makes a thing once', async () => {
    const make = vi.fn(makeThing)
    const folder = await installOnce('thing-1', make, {})
    expect(await installOnce('thing-1', make, {})).toBe(folder)
    expect(make).toHaveBeenCalledTimes(1)
    expect(await readFile(join(folder, 'whole'), 'utf8')).toBe('finished')
  })

  it('makes it once where two ask for it at the same time', async () => {
    const make = vi.fn(makeThing)
    await Promise.all([installOnce('thing-1', make, {}), installOnce('thing-1', make, {})])
    expect(make).toHaveBeenCalledTimes(1)
  })

  it('leaves nothing of a thing that could not be made', async () => {
    const failure = new Error('no such version')
    const make = (): Promise<never> => Promise.reject(failure)
    await expect(installOnce('thing-1', make, {})).rejects.toBe(failure)
    expect(await inCache()).toStrictEqual([])
    await installOnce('thing-1', makeThing, {})
    expect(await inCache()).toStrictEqual(['thing-1'])
  })

  it('starts anew after one that was killed, of which nothing stays', async () => {
    await using killed = spawnScript(new URL('../testing/install-slowly.ts', import.meta.url), [])
    await killed.untilLines(1)
    const waiting: string[] = []
    const second = installOnce('thing-1', makeThing, { onProgress: (line) => waiting.push(line) })
    await vi.waitUntil(() => waiting.length === 1)
    expect(waiting[0]).toContain(String(killed.pid))
    await killed.kill()
    const folder = await second
    expect(await readdir(folder)).toStrictEqual(['whole'])
    expect(await inCache()).toStrictEqual(['thing-1'])
    // What it had started went with it.
    await vi.waitUntil(() => !isRunning(Number(killed.lines[0])))
  })

  it('stops waiting for another one when it is told to', async () => {
    await using other = spawnScript(new URL('../testing/install-slowly.ts', import.meta.url), [])
    await other.untilLines(1)
    const stop = new AbortController()
    const reason = new Error('not wanted any more')
    const onProgress = (): void => stop.abort(reason)
    await expect(installOnce('thing-1', makeThing, { signal: stop.signal, onProgress })).rejects.toMatchObject({
      cause: reason,
    })
  })

  it('removes all that is in the cache, and installs again after that', async () => {
    await installOnce('thing-1', makeThing, {})
    expect(await removeCache({})).toBe(cache)
    expect(await inCache()).toStrictEqual([])
    await installOnce('thing-1', makeThing, {})
    expect(await inCache()).toStrictEqual(['thing-1'])
  })
})
