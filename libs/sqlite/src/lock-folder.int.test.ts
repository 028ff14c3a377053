import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFolder } from './lock-folder.ts'
import { FolderInUseError, StorageIoError } from './storage-errors.ts'
import { spawnScript } from './testing/child-process.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const holder = new URL('./testing/hold-folder.ts', import.meta.url)

const newFolder = (): Promise<string> => temporaryFolder('lock')

async function refusal(folder: string): Promise<unknown> {
  return lockFolder(folder).catch((error: unknown) => error)
}

describe('lockFolder', () => {
  it('makes the folder and keeps a second holder off until it is released', async () => {
    const folder = join(await newFolder(), 'not', 'there')
    const lock = await lockFolder(folder)
    const error = await refusal(folder)
    expect(error).toBeInstanceOf(FolderInUseError)
    expect(error).toMatchObject({ path: folder, pid: process.pid })
    await lock[Symbol.asyncDispose]()
    await lock[Symbol.asyncDispose]()
    await using _again = await lockFolder(folder)
    expect(existsSync(join(folder, 'lock.pid'))).toBe(true)
  })

  it('refuses a second process and names the one that holds the folder', async () => {
    const folder = await newFolder()
    await using run = spawnScript(holder, [folder])
    await run.untilLines(1)
    const error = await refusal(folder)
    expect(error).toBeInstanceOf(FolderInUseError)
    expect(error).toMatchObject({ path: folder, pid: run.pid })
  })

  it('is released when the process that holds it is killed', async () => {
    const folder = await newFolder()
    await using run = spawnScript(holder, [folder])
    await run.untilLines(1)
    await run.kill()
    await using _lock = await lockFolder(folder)
    expect(await refusal(folder)).toMatchObject({ name: 'FolderInUseError', pid: process.pid })
  })

  it('does without the number of the process where its file holds none', async () => {
    const folder = await newFolder()
    await using _lock = await lockFolder(folder)
    await writeFile(join(folder, 'lock.pid'), 'no number')
    expect(await refusal(folder)).toMatchObject({ name: 'FolderInUseError', pid: undefined })
  })

  it('says so when the folder cannot be made', async () => {
    const file = join(await newFolder(), 'file')
    await writeFile(file, '')
    const error = await refusal(join(file, 'folder'))
    expect(error).toBeInstanceOf(StorageIoError)
    expect(error).toMatchObject({ path: join(file, 'folder'), code: 'ENOTDIR' })
  })
})
