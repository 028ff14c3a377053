/** One way to get a server, and why it led nowhere. */
export interface FailedWay {
  /** `a program on the PATH`. */
  readonly way: string
  readonly reason: string
  /** What to do so that this way works. */
  readonly advice: string
}

/** This way to get a server is closed on this machine. Others may be open. */
export class WayClosedError extends Error {
  override readonly name = 'WayClosedError'
  readonly reason: string
  readonly advice: string

  constructor(reason: string, advice: string, cause?: unknown) {
    super(`${reason}: ${advice}`, { cause })
    this.reason = reason
    this.advice = advice
  }
}

/** No way to get a server is open; `ways` has one entry for each, in the order in which they were tried. */
export class ServerUnavailableError extends Error {
  override readonly name = 'ServerUnavailableError'
  /** `NATS`, `MongoDB`. */
  readonly server: string
  readonly ways: readonly FailedWay[]

  constructor(server: string, ways: readonly FailedWay[], causes: readonly unknown[]) {
    super(
      [
        `there is no way to get a ${server} server on this machine:`,
        ...ways.map(({ way, reason, advice }) => `- ${way}: ${reason}. ${advice}`),
      ].join('\n'),
      { cause: new AggregateError(causes) },
    )
    this.server = server
    this.ways = ways
  }
}

/** A server was started and ended again, or never answered. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError'
  /** Which server, with its version and where it came from. */
  readonly origin: string
  readonly folder: string
  /** The last lines of what it said. */
  readonly output: string

  constructor(origin: string, folder: string, reason: string, output: string, cause?: unknown) {
    super(
      `${origin} did not start in ${folder}: ${reason}. Its last words:\n${output === '' ? '(none)' : output}`,
      cause === undefined ? undefined : { cause },
    )
    this.origin = origin
    this.folder = folder
    this.output = output
  }
}

/** A server that somebody else runs was to be killed, stopped, started or configured. */
export class ServerNotOursError extends Error {
  override readonly name = 'ServerNotOursError'
  readonly url: string
  /** What was asked: `kill`. */
  readonly operation: string

  constructor(url: string, operation: string) {
    super(
      `cannot ${operation} the server at ${url}: its address was given. Leave the address out to get one of your own`,
    )
    this.url = url
    this.operation = operation
  }
}

/** Something was asked of a server after it was disposed of. */
export class ServerDisposedError extends Error {
  override readonly name = 'ServerDisposedError'
  readonly url: string

  constructor(url: string) {
    super(`the server at ${url} was disposed of: start another one`)
    this.url = url
  }
}

/** A program that was run to its end failed. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError'
  /** The program and its arguments. */
  readonly command: string
  /** The exit code, or the signal's name. */
  readonly ending: number | string
  /** The last lines of what it said. */
  readonly output: string

  constructor(command: string, ending: number | string, output: string) {
    super(`${command} ended with ${ending}. Its last words:\n${output === '' ? '(none)' : output}`)
    this.command = command
    this.ending = ending
    this.output = output
  }
}
