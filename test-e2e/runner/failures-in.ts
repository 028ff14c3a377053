import { relative } from 'node:path'

/** What is read of vitest's JSON report. */
export interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

const LINES = 12

/**
 * What failed in a report: one text for each failed test, and one for each file that did not load, with the first lines
 * of why. Printed once more at the end of a run, where it is still seen when only the end of a long output is kept.
 */
export function failuresIn(report: VitestReport): string[] {
  return report.testResults.flatMap((file) => {
    const path = relative(process.cwd(), file.name)
    const failed = file.assertionResults.filter((test) => test.status === 'failed')
    if (failed.length === 0) return file.status === 'failed' ? [describe(path, 'did not load', file.message)] : []
    return failed.map((test) => describe(path, test.fullName, test.failureMessages?.join('\n')))
  })
}

function describe(path: string, what: string, why = ''): string {
  const lines = why.split('\n').slice(0, LINES)
  return [`${path}: ${what}`, ...lines.map((line) => `    ${line}`)].join('\n').trimEnd()
}
