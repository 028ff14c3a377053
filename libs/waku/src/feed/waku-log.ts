/** As a logger of this project has it. */
export interface WakuLog {
  info(fields: Readonly<Record<string, unknown>>, text: string): void
  warn(fields: Readonly<Record<string, unknown>>, text: string): void
}

export const silentLog: WakuLog = { info: () => {}, warn: () => {} }
