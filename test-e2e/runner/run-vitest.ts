import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failuresIn, type VitestReport } from './failures-in.ts'
import { run } from './run-command.ts'

interface TierResult {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What failed and why, in a few lines each. */
  readonly failures: readonly string[]
}

/** Runs one tier and reads the runner's own report. A tier that leaves none, or ran nothing, counts as failed. */
export async function runVitest(tier: 'unit' | 'int' | 'srv' | 'e2e'): Promise<TierResult> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-report-'))
  const path = join(folder, 'report.json')
  try {
    const ended = await run('vitest', [
      'run',
      '--project',
      tier,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${path}`,
    ])
    const report = JSON.parse(await readFile(path, 'utf8')) as VitestReport
    const { numPassedTests: passed, numFailedTests: failed } = report
    const skipped = report.numPendingTests + report.numTodoTests
    const failures = failuresIn(report)
    // A file that does not load, or an error outside of a test, fails the run without failing a test.
    if (failed > 0 || (ended && passed + skipped > 0)) return { passed, failed, skipped, failures }
    return { passed, failed: 1, skipped, failures: [...failures, `${tier}: failed outside of a test; see above`] }
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, failures: [`${tier}: left no report: ${String(error)}`] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
