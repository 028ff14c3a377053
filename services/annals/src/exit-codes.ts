/** What the process says to whoever started it. */
export const exitCodes = {
  ok: 0,
  /** It failed, or what was looked at is not as it should be. */
  failed: 1,
  /** The command line, a setting or a request makes no sense. */
  usage: 2,
  /** No node answers. */
  unreachable: 3,
} as const
