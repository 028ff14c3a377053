import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FetchLimits, FetchRequest, TorrentFetch, TorrentNode, TorrentNodeOptions } from '../src/index.ts'
import { openTorrentNode } from '../src/index.ts'
import type { History } from './make-history.ts'

export interface TestFolder extends AsyncDisposable {
  readonly path: string
}

export async function testFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'annals-torrents-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** On loopback, without DHT. */
export function openTestNode(folder: string, options: Partial<TorrentNodeOptions> = {}): Promise<TorrentNode> {
  return openTorrentNode({ folder, host: '127.0.0.1', port: 0, dht: false, ...options })
}

export const patientLimits: FetchLimits = {
  metadataSeconds: 20,
  stallSeconds: 60,
  maxDataBytes: 2 ** 32,
  maxIndexBytes: 2 ** 24,
}

export async function storeAndSeed(node: TorrentNode, history: History): Promise<void> {
  await node.store(history.torrent, history.archives, history.index)
  await node.seed(history.communityId, history.torrent.infoHash)
}

export function peerOf(node: TorrentNode): string {
  return `${node.address.host}:${node.address.port}`
}

export function fetchFrom(
  node: TorrentNode,
  history: History,
  peers: readonly string[],
  request: Partial<FetchRequest> = {},
): Promise<TorrentFetch> {
  return node.fetch({
    communityId: history.communityId,
    magnetLink: history.magnetLink(),
    peers,
    signal: new AbortController().signal,
    limits: patientLimits,
    ...request,
  })
}

export async function readAll(fetch: TorrentFetch): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of fetch.read(0, fetch.dataBytes)) parts.push(part)
  return Buffer.concat(parts)
}
