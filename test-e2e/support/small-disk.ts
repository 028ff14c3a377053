import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { TestContext } from 'vitest'

const run = promisify(execFile)

/** A file system of its own at a folder, of a size that a test chooses and changes. */
export interface SmallDisk extends AsyncDisposable {
  resize(kibibytes: number): Promise<void>
}

/** Only root may mount. Elsewhere the test says so and is skipped; with CI set it fails. */
export async function mountSmallDisk(test: TestContext, folder: string, kibibytes: number): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true })
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder])
  } catch (error) {
    const problem = `a small disk cannot be mounted (only root may): ${String(error)}`
    if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(problem, { cause: error })
    process.stderr.write(`a test is skipped: ${problem}\n`)
    return test.skip(problem)
  }
  return {
    resize: async (size) => {
      await run('mount', ['-o', `remount,size=${size}k`, folder])
    },
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', folder])
    },
  }
}
