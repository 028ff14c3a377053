/** A server's processes, or its container: they live and die together. */
export interface RunningServer {
  /** Resolves once all are gone, with how the first of them ended. Never rejects after the launch. */
  readonly ended: Promise<number | string>
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface Launch {
  /** Exists; holds the data, and what the server says. */
  readonly folder: string
  readonly port: number
  readonly onProgress: (line: string) => void
  readonly signal: AbortSignal | undefined
}

/** A server's program that was found, and where. */
export interface ServerProgram {
  /** `nats-server 2.15.2 from the cache`. */
  readonly origin: string
  /** Starts it; whether it answers is for the caller to find out. */
  launch(launch: Launch): Promise<RunningServer>
}

/** What one kind of server is: how it is found, and how one knows that it answers. */
export interface ServerKind {
  /** `NATS`. */
  readonly name: string
  /** `nats`, of `nats://…` */
  readonly scheme: string
  /** Resolves with true if a server answers there and is ready for work. */
  answers(port: number): Promise<boolean>
}

/** In the server's folder: what it said. */
export const outputFileName = 'output.log'
/** In the server's folder: locked while a process of a server works on it. */
export const lockFileName = 'server.lock'
