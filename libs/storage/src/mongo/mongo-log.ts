/** What the link to the server says of itself; pino's logger fits. */
export interface MongoLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export const silentLog: MongoLog = { info: () => {}, warn: () => {} }
