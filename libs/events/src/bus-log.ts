/** Where the bus tells what it cannot tell anybody else; a pino logger is one. */
export interface BusLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const silentLog: BusLog = { warn: () => {}, error: () => {} }
