import { valueOf, variables } from './environment.ts'

export { installWakuForTests, installWakuLimitMilliseconds } from './install-waku-for-tests.ts'
export { startOrSkip } from './start-or-skip.ts'

/** The REST interface of the Waku node that was given to this test run; without one each test starts its own. */
export function givenWakuUrl(): string | undefined {
  return valueOf(variables.wakuUrl)
}

/** The NATS server of this test run. */
export function testNatsUrl(): string {
  return fromEnvironment(variables.natsUrl)
}

/** The MongoDB server of this test run, without a database. */
export function testMongoUri(): string {
  return fromEnvironment(variables.mongoUri)
}

function fromEnvironment(variable: string): string {
  const value = valueOf(variable)
  if (value === undefined) throw new Error(`${variable} is not set: run this test in the tier "srv"`)
  return value
}
