/** The NATS server of this test run. */
export function testNatsUrl(): string {
  return fromEnvironment('TEST_NATS_URL')
}

/** The MongoDB server of this test run, without a database. */
export function testMongoUri(): string {
  return fromEnvironment('TEST_MONGODB_URI')
}

function fromEnvironment(variable: string): string {
  const value = process.env[variable]
  if (value === undefined || value === '') throw new Error(`${variable} is not set: run this test in the tier "srv"`)
  return value
}
