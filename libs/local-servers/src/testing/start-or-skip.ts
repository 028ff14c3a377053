import type { TestContext } from 'vitest'
import { ServerUnavailableError } from '../errors.ts'
import { isCi } from './environment.ts'

/**
 * Starts a server of a test's own. Where none can be had the test says so and is skipped; with CI set it fails.
 * @throws whatever else the start fails with
 */
export async function startOrSkip<T>(test: TestContext, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof ServerUnavailableError) || isCi()) throw error
    process.stderr.write(`a test is skipped: ${error.message}\n`)
    return test.skip(error.message)
  }
}
