/** Where the connection tells what it cannot tell anybody else; a pino logger is one. */
export interface NatsLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export const silentNatsLog: NatsLog = { info: () => {}, warn: () => {} }
