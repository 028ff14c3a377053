import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebTorrent from 'webtorrent'

export interface BrowserLike extends AsyncDisposable {
  readonly client: WebTorrent
  /** To add torrents with. */
  readonly options: { readonly path: string }
}

/** A client that can what WebTorrent can in a browser: WebRTC and web seeds, nothing else. */
export async function openBrowserLike(): Promise<BrowserLike> {
  const path = await mkdtemp(join(tmpdir(), 'annals-browser-'))
  const client = new WebTorrent({
    dht: false,
    lsd: false,
    utPex: false,
    utp: false,
    natUpnp: false,
    natPmp: false,
    torrentPort: { host: '127.0.0.1', port: 0 },
    tracker: { rtcConfig: { iceServers: [], bindAddress: '127.0.0.1' } },
  })
  return {
    client,
    options: { path },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => client.destroy(() => resolve()))
      await rm(path, { recursive: true, force: true })
    },
  }
}
