import { defineCheck, problem, warning } from '../../check.ts'

/** What Annals is tested on. */
const testedMajor = 24

/** The version of Node. */
export const nodeVersion = defineCheck({
  name: 'node-version',
  looksAt: 'the version of Node',
  seconds: 5,
  kinds: {
    old: problem('Node is older than 24', 'start Annals with Node 24, which pnpm installs into node_modules/.bin'),
    untested: warning('Node is newer than 24', 'use Node 24, with which Annals is tested'),
  },
  async look(_context, report) {
    const found = process.versions.node
    const difference = compareNodeVersion(found)
    if (difference !== undefined) report(difference, { found: `Node ${found}`, expected: `Node ${testedMajor}` })
    return `Node ${found}, SQLite ${process.versions['sqlite']}`
  },
})

export function compareNodeVersion(version: string): 'old' | 'untested' | undefined {
  const major = Number.parseInt(version, 10)
  if (major === testedMajor) return undefined
  return major < testedMajor ? 'old' : 'untested'
}
