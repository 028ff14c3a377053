import type { AnnalsConfig } from './config.ts'

type PublicSettings = Pick<AnnalsConfig, 'publicUrl' | 'trackerUdp'>

/** The gateway's own tracker as others reach it, for browsers and for other clients; none without a public address. */
export function ownTrackers({ publicUrl, trackerUdp }: PublicSettings): string[] {
  if (publicUrl === '') return []
  const { hostname } = new URL(publicUrl)
  return [
    `${publicUrl.replace(/^http/, 'ws')}/announce`,
    `${publicUrl}/announce`,
    ...(trackerUdp === undefined || trackerUdp.port === 0 ? [] : [`udp://${hostname}:${trackerUdp.port}/announce`]),
  ]
}

/** Where a torrent's files are to be had over HTTP: a client puts the torrent's and the file's name behind it (BEP 19). */
export function ownWebSeeds({ publicUrl }: PublicSettings, infoHash: string): string[] {
  return publicUrl === '' ? [] : [`${publicUrl}/seeds/${infoHash}/`]
}
