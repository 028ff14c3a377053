import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Most files wait for disks, servers and processes rather than compute, so that more of them run at a time than there are
// cores. One file of whole systems starts up to twenty processes.
const cores = availableParallelism()
const filesAtOnce = {
  unit: Math.max(3, cores),
  int: Math.max(3, cores),
  srv: Math.max(3, cores),
  e2e: Math.max(2, Math.floor(cores / 2)),
}

// The suffix of a test file is its tier: unit (pure), int (a real disk, socket or process), srv (real servers), e2e (whole
// processes).
export default defineConfig({
  test: {
    exclude: ['**/node_modules/**'],
    projects: (['unit', 'int', 'srv', 'e2e'] as const).map((tier, order) => ({
      extends: true,
      test: {
        name: tier,
        maxWorkers: filesAtOnce[tier],
        sequence: { groupOrder: order },
        include: [`**/*.${tier}.test.ts`],
        testTimeout: tier === 'unit' ? 60_000 : 300_000,
        hookTimeout: 120_000,
        ...(tier === 'srv' && {
          globalSetup: 'libs/local-servers/src/testing/global-set-up.ts',
          runner: './libs/local-servers/src/testing/skip-without-servers.ts',
        }),
      },
    })),
  },
})
