/** A server of this machine that can be killed and started again, and finds its data again. */
export interface LocalServer extends AsyncDisposable {
  /** Where clients reach it; the same after a restart. */
  readonly url: string
  /** What it is and where it came from, for a line of state ("nats-server 2.15.2 from the cache"). */
  readonly origin: string
  /** The folder that holds its data. Empty where the server's address was given. */
  readonly folder: string
  /** Ends every process of it as a crash does (SIGKILL); resolves once all are gone. @throws ServerNotOursError */
  kill(): Promise<void>
  /** Ends it in order; resolves once all its processes are gone. @throws ServerNotOursError */
  stop(): Promise<void>
  /**
   * Starts it again on the same port and folder, where it does not run; resolves once it answers.
   * @returns whether it did not run
   * @throws ServerStartError, ServerNotOursError, ServerDisposedError
   */
  start(): Promise<boolean>
}

export interface StartOptions {
  /** A server that is there already, used as it is: everything else in these options is then refused or without effect. */
  readonly address?: string | undefined
  /** Where its data is kept; it stays at the end. A temporary folder, which goes at the end, where absent. */
  readonly folder?: string
  /** A free one where absent. */
  readonly port?: number
  /** Ends a start, and an installation, that is under way. It has no effect on a server that runs. */
  readonly signal?: AbortSignal
  /** Told what takes long, line by line. */
  readonly onProgress?: (line: string) => void
}
