import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { encodeIndex, encodeInfo, encodeMagnetLink, indexPieceHashes, infoHash, sealArchives } from '@annals/archive'
import { communityIdOfPrivateKey, keccak256 } from '@annals/crypto'
import { sha1 } from '@annals/service'
import { openTorrentNode } from '@annals/torrents'
import { startTracker } from '@annals/torrents/tracker'
import { runCli } from '../testing/run-cli.ts'
import type { VerifyReport } from './verify-source.ts'

const local = { ANNALS_TORRENT_HOST: '127.0.0.1', ANNALS_TORRENT_DHT: 'off' }

it('fetches what a magnet link names and verifies it', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'annals-seed-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const tracker = stack.use(await startTracker({ host: '127.0.0.1', port: 0 }))
  const node = stack.use(await openTorrentNode({ folder, host: '127.0.0.1', port: 0, dht: false }))

  const communityId = communityIdOfPrivateKey(keccak256(Uint8Array.of(1)))
  const topic = Uint8Array.of(1, 2, 3, 4)
  const messages = Array.from({ length: 30 }, (_, i) => ({
    sig: new Uint8Array(65),
    timestamp: 1000 + i * 100,
    topic,
    payload: new Uint8Array(20_000).fill(i),
    padding: Uint8Array.of(1),
    hash: keccak256(Uint8Array.of(i)),
    thirdPartyId: '',
  }))
  const range = { from: 1000, to: 4000, intervalSeconds: 1000 }
  const sealed = []
  for await (const each of sealArchives([messages], { ...range, contentTopics: [topic], offsetBytes: 0, sha1 }))
    if (each.kind === 'archive') sealed.push({ ...each, encoded: each.encoded.slice() })
  const index = encodeIndex(sealed.map(({ entry }) => entry))
  const dataBytes = sealed.reduce((sum, { entry }) => sum + entry.sizeBytes, 0)
  const pieces = Buffer.concat([...sealed.map(({ pieceHashes }) => pieceHashes), indexPieceHashes(index, sha1)])
  const infoBytes = encodeInfo({ communityId, dataBytes, indexBytes: index.length, pieces })
  const hash = infoHash(infoBytes, sha1)
  const archives = sealed.map(({ entry, encoded }) => ({
    offsetBytes: entry.offsetBytes,
    sizeBytes: entry.sizeBytes,
    async *read() {
      yield encoded
    },
  }))
  const trackers = [tracker.announceUrl]
  await node.store({ communityId, infoHash: hash, infoBytes, trackers }, archives, index)
  await node.seed(communityId, hash)

  const magnetLink = encodeMagnetLink({ infoHash: hash, communityId, trackers })
  const { exitCode, stdout, stderr } = await runCli(['verify', magnetLink, '--json'], local)
  expect({ exitCode, stderr: stderr.replaceAll(/verifying.*\n/g, '') }).toEqual({ exitCode: 0, stderr: '' })
  const report = JSON.parse(stdout) as VerifyReport
  expect(report).toMatchObject({ holds: true, checked: 'content', infoHash: hash, communityId, messages: 30 })
  expect(report.archives).toHaveLength(3)

  const small = await runCli(['verify', magnetLink, '--max-bytes', '1000'], local)
  expect(small.exitCode).toBe(1)
})
