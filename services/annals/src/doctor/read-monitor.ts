/** What the monitoring page of a NATS server says of JetStream. */
export interface MonitorPage {
  readonly serverId: string
  readonly serverName: string
  /** Whether what is acknowledged is on the disk. */
  readonly syncsAlways: boolean
  readonly syncIntervalSeconds: number
  readonly storeBytes: number
  readonly maxStoreBytes: number
}

/** As of nats-server's `Varz`, which leaves out what is zero. */
interface Varz {
  readonly server_id?: string
  readonly server_name?: string
  readonly jetstream?: {
    readonly config?: {
      readonly sync_always?: boolean
      /** Nanoseconds. */
      readonly sync_interval?: number
      readonly max_storage?: number
    }
    readonly stats?: { readonly storage?: number }
  }
}

const patienceMilliseconds = 5_000

/** `undefined` where no NATS server with JetStream answers. */
export async function readMonitor(url: string, signal: AbortSignal): Promise<MonitorPage | undefined> {
  let varz: Varz
  try {
    const response = await fetch(new URL('/varz', url), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMilliseconds)]),
    })
    varz = (await response.json()) as Varz
  } catch (error) {
    if (signal.aborted) throw error
    return undefined
  }
  const { config, stats } = varz.jetstream ?? {}
  if (varz.server_id === undefined || config === undefined) return undefined
  return {
    serverId: varz.server_id,
    serverName: varz.server_name ?? varz.server_id,
    syncsAlways: config.sync_always ?? false,
    syncIntervalSeconds: (config.sync_interval ?? 0) / 1e9,
    storeBytes: stats?.storage ?? 0,
    maxStoreBytes: config.max_storage ?? -1,
  }
}
