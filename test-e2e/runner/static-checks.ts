interface StaticCheck {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly folder?: string
}

/** What can be said of the code without running it. */
export const staticChecks: readonly StaticCheck[] = [
  { name: 'format (oxfmt)', command: 'oxfmt', args: ['--check', '.'] },
  { name: 'lint with types (oxlint)', command: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'types (tsc)', command: 'tsc', args: ['--noEmit'] },
  { name: 'types of the page (tsc)', command: 'tsc', args: ['--noEmit', '-p', 'libs/page'] },
  {
    name: 'direction of imports (dependency-cruiser)',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.json', 'libs', 'services', 'deploy', 'examples', 'test-e2e'],
  },
  { name: 'dead code and unused dependencies (knip)', command: 'knip', args: ['--no-config-hints'] },
  { name: 'protocol files (buf lint)', command: 'node_modules/.bin/buf', args: ['lint'], folder: 'proto' },
  { name: 'generated code is what the protocol files say', command: 'node', args: ['proto/generate.ts', '--check'] },
  {
    name: 'the permissions of NATS are what the table of needs says',
    command: 'node',
    args: ['deploy/nats/generate.ts', '--check'],
  },
  {
    name: 'dashboards and alert rules are what the code says',
    command: 'node',
    args: ['deploy/dashboards/generate.ts', '--check'],
  },
  {
    name: 'the manifests of Kubernetes are what the code says, where they follow from it',
    command: 'node',
    args: ['deploy/kubernetes/generate.ts', '--check'],
  },
]
