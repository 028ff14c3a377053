import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run-command.ts'

interface TierResult {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Runs one tier and reads the runner's own report. A tier that leaves none, or ran nothing, counts as failed. */
export async function runVitest(tier: 'unit' | 'int' | 'srv' | 'e2e'): Promise<TierResult> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-report-'))
  const report = join(folder, 'report.json')
  try {
    const ended = await run('vitest', [
      'run',
      '--project',
      tier,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ])
    const read = JSON.parse(await readFile(report, 'utf8')) as Record<string, number>
    const passed = read['numPassedTests'] ?? 0
    const failed = read['numFailedTests'] ?? 0
    const skipped = (read['numPendingTests'] ?? 0) + (read['numTodoTests'] ?? 0)
    // A file that does not load, or an error outside of a test, fails the run without failing a test.
    return { passed, failed: failed === 0 && (!ended || passed + skipped === 0) ? 1 : failed, skipped }
  } catch (error) {
    process.stderr.write(`the ${tier} tests left no report: ${String(error)}\n`)
    return { passed: 0, failed: 1, skipped: 0 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
