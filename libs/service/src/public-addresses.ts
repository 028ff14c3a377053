import type { AnnalsConfig } from './config.ts'

type PublicSettings = Pick<AnnalsConfig, 'publicUrl' | 'trackerUdp' | 'publicTrackerUdp'>

/** The gateway's own tracker as others reach it, for browsers and for other clients; none without a public address. */
export function ownTrackers(settings: PublicSettings): string[] {
  const { publicUrl } = settings
  if (publicUrl === '') return []
  return [`${publicUrl.replace(/^http/, 'ws')}/announce`, `${publicUrl}/announce`, ...ownUdpTracker(settings)]
}

/** UDP passes no proxy: it may have a name and a port of its own. */
function ownUdpTracker({ publicUrl, trackerUdp, publicTrackerUdp }: PublicSettings): string[] {
  if (trackerUdp === undefined) return []
  const { host, port } = publicTrackerUdp ?? { host: new URL(publicUrl).hostname, port: trackerUdp.port }
  return port === 0
    ? []
    : [`udp://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}/announce`]
}

/** Where a torrent's files are to be had over HTTP: a client puts the torrent's and the file's name behind it (BEP 19). */
export function ownWebSeeds({ publicUrl }: PublicSettings, infoHash: string): string[] {
  return publicUrl === '' ? [] : [`${publicUrl}/seeds/${infoHash}/`]
}
