import WebTorrent from 'webtorrent'
import { TorrentNodeError } from '../errors.ts'
import type { TorrentLog, TorrentNodeOptions } from '../torrent-node.ts'

/** Closing waits for sockets of peers and for trackers; nothing is lost if some of them hang. */
const closeSeconds = 10

export interface OpenClient extends AsyncDisposable {
  readonly client: WebTorrent
  readonly port: number
}

/**
 * Starts the BitTorrent client and waits until it listens: TCP, on one address. No WebRTC, no web seeds, no local
 * discovery. `onFailure` hears of what ends the client later.
 * @throws TorrentNodeError if it cannot listen
 */
export async function openClient(
  options: Omit<TorrentNodeOptions, 'folder'>,
  log: TorrentLog,
  onFailure: (error: Error) => void,
): Promise<OpenClient> {
  const { host, port, uploadBytesPerSecond, downloadBytesPerSecond } = options
  const client = new WebTorrent({
    torrentPort: { host, port },
    dht: options.dht,
    dhtPort: port,
    tracker: { wrtc: false },
    lsd: false,
    utp: options.utp ?? false,
    natUpnp: options.natTraversal ?? false,
    natPmp: options.natTraversal ?? false,
    webSeeds: false,
    // Off, as WebTorrent's ends the process on a key that no Diffie-Hellman takes, which any stranger can send. Peers
    // that merely prefer encryption, as status-go's and libtorrent's, fall back to none.
    secure: 0,
    ...(uploadBytesPerSecond === undefined ? {} : { uploadLimit: uploadBytesPerSecond }),
    ...(downloadBytesPerSecond === undefined ? {} : { downloadLimit: downloadBytesPerSecond }),
  })
  await new Promise<void>((resolve, reject) => {
    client.once('listening', resolve)
    client.once('error', (cause: Error) => reject(new TorrentNodeError(`cannot listen on ${host}:${port}`, { cause })))
  })
  client.on('error', (cause: Error) => {
    log.warn({ error: cause.message }, 'the BitTorrent client failed')
    if (client.destroyed) onFailure(new TorrentNodeError('the BitTorrent client failed', { cause }))
  })
  client._connPool.tcpServer.maxConnections = options.maxIncomingConnections ?? 2_000
  if (typeof client.torrentPort !== 'number') throw new TorrentNodeError('the BitTorrent client has no port')
  return { client, port: client.torrentPort, [Symbol.asyncDispose]: () => close(client, log) }
}

async function close(client: WebTorrent, log: TorrentLog): Promise<void> {
  if (client.destroyed) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      log.warn({ seconds: closeSeconds }, 'the BitTorrent client does not close; going on without it')
      resolve()
    }, closeSeconds * 1000)
    client.destroy(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
