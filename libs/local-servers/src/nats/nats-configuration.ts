import { join } from 'node:path'

export interface NatsPlace {
  readonly folder: string
  /** The address to listen on. */
  readonly host: string
  readonly port: number
  /** Further lines. */
  readonly further: string
}

/**
 * The configuration of a nats-server with JetStream. What it acknowledges is on the disk: without
 * `sync_interval: always` it would be in the system's memory for up to two minutes.
 */
export function natsConfiguration({ folder, host, port, further }: NatsPlace): string {
  return `host: ${JSON.stringify(host)}
port: ${port}
jetstream {
  store_dir: ${JSON.stringify(join(folder, 'jetstream'))}
  sync_interval: always
  max_memory_store: 1GB
  max_file_store: 1TB
}
${further}
`
}
