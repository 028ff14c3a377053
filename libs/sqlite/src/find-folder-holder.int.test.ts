import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { findFolderHolder } from './find-folder-holder.ts'
import { lockFolder } from './lock-folder.ts'
import { spawnScript } from './testing/child-process.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

describe('findFolderHolder', () => {
  it('names who holds a folder, in this process or another one, and takes nothing from it', async () => {
    const folder = await temporaryFolder('holder')
    expect(findFolderHolder(folder)).toBeUndefined()
    expect(await readdir(folder)).toStrictEqual([])
    await using run = spawnScript(new URL('./testing/hold-folder.ts', import.meta.url), [folder])
    await run.untilLines(1)
    expect(findFolderHolder(folder)).toStrictEqual({ pid: run.pid })
    await run.kill()
    // It left its process id behind.
    expect(findFolderHolder(folder)).toBeUndefined()
    await using _lock = await lockFolder(folder)
    expect(findFolderHolder(folder)).toStrictEqual({ pid: process.pid })
  })
})
