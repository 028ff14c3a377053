import { TestRunner, test } from 'vitest'
import { valueOf, variables } from './environment.ts'

/** Runs the tests of the tier "srv"; where there are no servers, a file is not loaded and counts as one skipped test. */
class SkipWithoutServers extends TestRunner {
  override importFile(filepath: string, source: 'collect' | 'setup'): unknown {
    if (source === 'setup' || valueOf(variables.unavailable) === undefined) return super.importFile(filepath, source)
    // oxlint-disable-next-line vitest/no-disabled-tests -- it stands for those that cannot run
    test.skip('needs a NATS and a MongoDB server', () => {})
    return undefined
  }
}

// oxlint-disable-next-line import/no-default-export -- vitest takes a runner so
export default SkipWithoutServers
