import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'vitest'

const folder = join(import.meta.dirname, '..', '..', '..', 'shared', 'data')

/**
 * The path of a file or folder of real chat histories, which stand beside the repository. Where they are absent the
 * test says so and is skipped; with CI set it fails.
 */
export function realData(test: TestContext, name: string): string {
  const path = join(folder, name)
  if (existsSync(path)) return path
  const problem = `real chat histories are not at ${join('..', 'shared', 'data', name)} beside the repository`
  if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(`${problem}, and CI is set`)
  process.stderr.write(`${problem}: a test is skipped\n`)
  return test.skip(problem)
}
