import type { TorrentNode } from '@annals/torrents'

/** This process was started without a BitTorrent client. */
export class NoTorrentNodeError extends Error {
  override readonly name = 'NoTorrentNodeError'

  constructor() {
    super('this process has no BitTorrent client: a service that uses one must say so in its definition (`uses`)')
  }
}

const refuse = (): Promise<never> => Promise.reject(new NoTorrentNodeError())

/** Stands where a process has no BitTorrent client: it serves nothing, and whatever else is asked of it is refused. */
export const noTorrents: TorrentNode = {
  address: { host: '', port: 0 },
  seeding: () => [],
  holds: refuse,
  store: refuse,
  seed: refuse,
  unseed: refuse,
  fetch: refuse,
  deleteCommunity: refuse,
  [Symbol.asyncDispose]: async () => {},
}
