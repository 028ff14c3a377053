// The README's test command: every check and every test, one after the other; at the end what failed, and as the last
// line their sum.
import { run } from './run-command.ts'
import { staticChecks } from './static-checks.ts'
import { runVitest } from './run-vitest.ts'

interface Sum {
  passed: number
  failed: number
  skipped: number
}

const sum: Sum = { passed: 0, failed: 0, skipped: 0 }
const failures: string[] = []

for (const check of staticChecks) {
  const passed = await run(check.command, check.args, check.folder)
  print(`${passed ? 'ok    ' : 'FAILED'} ${check.name}`)
  if (passed) {
    sum.passed += 1
  } else {
    sum.failed += 1
    failures.push(check.name)
  }
}

// Before the tests, whose patience would end during a build. What cannot be had they say themselves.
await run('node', ['libs/local-servers/src/main.ts', 'install'])

for (const tier of ['unit', 'int', 'srv', 'e2e'] as const) {
  const result = await runVitest(tier)
  sum.passed += result.passed
  sum.failed += result.failed
  sum.skipped += result.skipped
  failures.push(...result.failures)
}

for (const failure of failures) print(`FAILED ${failure}`)

if (sum.failed > 0) process.exitCode = 1
print(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`)

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
