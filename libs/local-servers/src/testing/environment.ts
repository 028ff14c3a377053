/** Variables between the set-up of the tier "srv" and its tests. The first two may be set from outside as well. */
export const variables = {
  natsUrl: 'TEST_NATS_URL',
  mongoUri: 'TEST_MONGODB_URI',
  /** The REST interface of a Waku node that somebody else runs. Nothing starts one for all tests: few need one. */
  wakuUrl: 'TEST_WAKU_URL',
  /** Why there are no servers, where there are none. */
  unavailable: 'TEST_SERVERS_UNAVAILABLE',
} as const

/** The value of a variable, or `undefined` where it is not set or empty. */
export function valueOf(variable: string): string | undefined {
  const value = process.env[variable]
  return value === '' ? undefined : value
}

/** With CI set, what cannot be tested is a failure. */
export function isCi(): boolean {
  return valueOf('CI') !== undefined
}
