import { expect, it } from 'vitest'
import { findProblem } from './check-server.ts'

it.each([
  [{ version: '8.0.4', versionArray: [8, 0, 4, 0] }, undefined],
  [{ version: '7.0.0', versionArray: [7, 0, 0, 0] }, undefined],
  [
    { version: '6.0.19', versionArray: [6, 0, 19, 0] },
    { found: 'MongoDB 6.0.19', required: 'MongoDB 7 or newer' },
  ],
  [{ version: '7.0.77', versionArray: [7, 0, 77, 0], ferretdb: { version: 'v2.7.0' } }, undefined],
  [
    { version: '7.0.42', versionArray: [7, 0, 42, 0], ferretdbVersion: 'v1.24.0' },
    { found: 'FerretDB v1.24.0', required: 'FerretDB 2 or newer' },
  ],
  [
    { version: '7.0.42', versionArray: [7, 0, 42, 0], ferretdb: { version: 'unknown' } },
    { found: 'FerretDB unknown', required: 'FerretDB 2 or newer' },
  ],
])('a server is refused by its version: %o', (info, problem) => {
  expect(findProblem(info)).toStrictEqual(problem)
})
