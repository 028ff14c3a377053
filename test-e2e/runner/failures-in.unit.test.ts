import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failuresIn, type VitestReport } from './failures-in.ts'

const empty = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }

test('failed tests are told of with file, name and the first lines of why', () => {
  const report: VitestReport = {
    ...empty,
    testResults: [
      {
        name: join(process.cwd(), 'libs/a.unit.test.ts'),
        status: 'failed',
        assertionResults: [
          { fullName: 'a works', status: 'passed', failureMessages: [] },
          { fullName: 'a fails', status: 'failed', failureMessages: [`expected 1\n${'at somewhere\n'.repeat(50)}`] },
        ],
      },
    ],
  }
  const [told, ...others] = failuresIn(report)
  expect(others).toEqual([])
  expect(told?.split('\n').slice(0, 2)).toEqual(['libs/a.unit.test.ts: a fails', '    expected 1'])
  expect(told?.split('\n').length).toBeLessThan(20)
})

test('a file that did not load is told of', () => {
  const name = join(process.cwd(), 'libs/b.unit.test.ts')
  const report = {
    ...empty,
    testResults: [{ name, status: 'failed', message: 'no such module', assertionResults: [] }],
  }
  expect(failuresIn(report)).toEqual(['libs/b.unit.test.ts: did not load\n    no such module'])
})
