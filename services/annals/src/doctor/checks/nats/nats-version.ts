import { defineCheck, problem, warning } from '../../check.ts'

/** What the server knows. */
export const natsVersion = defineCheck({
  name: 'nats-version',
  looksAt: 'the version of the NATS server',
  seconds: 15,
  kinds: {
    'before-2-9': problem(
      'the server is older than 2.9',
      'install nats-server 2.11 or newer: readings need consumers that the server makes by name',
    ),
    'before-2-10': warning(
      'the server is older than 2.10',
      'install nats-server 2.11 or newer: a consumer has one filter only, so services are sent events that they do not take and leave them out themselves; and the server does not tell its clock',
    ),
    'before-2-11': warning(
      'the server is older than 2.11',
      'nothing is missing yet; plan for nats-server 2.11 or newer, as 2.10 gets no more corrections',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    const { serverVersion } = await context.nats()
    const age = ageOfNats(serverVersion)
    if (age !== undefined) report(age, { found: serverVersion, expected: '2.11 or newer' })
    return serverVersion
  },
})

/** Which finding a version is. */
export function ageOfNats(version: string): 'before-2-9' | 'before-2-10' | 'before-2-11' | undefined {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  if (major > 2 || (major === 2 && minor >= 11)) return undefined
  if (major < 2 || minor < 9) return 'before-2-9'
  return minor === 9 ? 'before-2-10' : 'before-2-11'
}
