import { defineConfig } from 'vitest/config'

// The suffix of a test file is its tier: unit (pure), int (a real disk, socket or process), srv (real servers), e2e (whole
// processes).
export default defineConfig({
  test: {
    exclude: ['**/node_modules/**'],
    projects: ['unit', 'int', 'srv', 'e2e'].map((tier) => ({
      extends: true,
      test: {
        name: tier,
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
