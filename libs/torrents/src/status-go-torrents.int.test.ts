import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { decodeInfo, decodeTorrentFile, encodeMagnetLink, infoHash } from '@annals/archive'
import { expect, test } from 'vitest'
import { sha1 } from '../testing/make-history.ts'
import { openTestNode, patientLimits, peerOf, readAll, testFolder } from '../testing/open-nodes.ts'

const folder = fileURLToPath(new URL('../../../../shared/data/vectors/plain/c-append', import.meta.url))
const isHere = existsSync(folder)
if (!isHere && !process.env['CI']) console.warn(`status-go's torrents are not tried: ${folder} is not there`)

async function readStep(step: number): Promise<{ data: Buffer; index: Buffer; torrent: Buffer }> {
  const path = `${folder}/step${step}`
  const id = (await readdir(path)).find((name) => /^0x[0-9a-f]{66}$/.test(name))
  const read = (name: string): Promise<Buffer> => readFile(`${path}/${id}${name}`)
  const [data, index, torrent] = await Promise.all([read('/data'), read('/index'), read('.torrent')])
  return { data, index, torrent }
}

test.skipIf(!isHere && !process.env['CI'])(
  'torrents that status-go made are seeded, and each next one fetched by its difference',
  async () => {
    await using temporary = await testFolder()
    await using seeder = await openTestNode(`${temporary.path}/a`)
    await using fetcher = await openTestNode(`${temporary.path}/b`)
    let held = 0
    for (const step of [1, 2, 4]) {
      const { data, index, torrent } = await readStep(step)
      const { infoBytes, trackers } = decodeTorrentFile(torrent)
      const { communityId } = decodeInfo(infoBytes)
      const hash = infoHash(infoBytes, sha1)
      const whole = {
        offsetBytes: 0,
        sizeBytes: data.length,
        read: async function* () {
          yield data
        },
      }
      await seeder.store({ communityId, infoHash: hash, infoBytes, trackers: [] }, [whole], index)
      await seeder.seed(communityId, hash)
      await using fetch = await fetcher.fetch({
        communityId,
        magnetLink: encodeMagnetLink({ communityId, infoHash: hash, trackers: [], peers: [peerOf(seeder)] }),
        signal: new AbortController().signal,
        limits: patientLimits,
      })
      expect(trackers.length).toBeGreaterThan(0)
      expect(Buffer.from(await fetch.index()).equals(index)).toBe(true)
      await fetch.range(0, fetch.dataBytes)
      expect((await readAll(fetch)).equals(data)).toBe(true)
      expect(fetch.downloadedBytes()).toBe(data.length - held + index.length)
      held = data.length
    }
  },
)
