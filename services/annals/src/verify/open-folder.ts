import type { TorrentInfo } from '@annals/archive'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { decodeInfo, decodeTorrentFile, defaultInfoLimits, infoHash, isCommunityIdText } from '@annals/archive'
import { sha1 } from '@annals/service'
import type { ArchiveSource } from './archive-source.ts'
import { NotVerifiableError } from './verify-errors.ts'

/** Pieces of a torrent of 1 TiB take 210 MB. */
const maxTorrentFileBytes = 256 * 1024 * 1024

/**
 * A folder with `data` and `index`, as status-go and a seeder keep them; a `<folder's name>.torrent` beside it is taken
 * into account.
 * @throws NotVerifiableError if there is neither file
 */
export async function openFolder(path: string): Promise<ArchiveSource> {
  const folder = resolve(path)
  const torrentPath = join(dirname(folder), `${basename(folder)}.torrent`)
  const torrent = (await sizeOf(torrentPath)) === undefined ? undefined : await readTorrent(torrentPath)
  const source = await openFiles(folder, path, torrent)
  if (source.index === undefined && source.read === undefined)
    throw new NotVerifiableError(
      path,
      'the folder has no files "data" and "index"; give the folder named after the community',
    )
  const problems = [...source.problems]
  if (source.read === undefined) problems.push('there is no file "data"')
  if (source.index === undefined) problems.push('there is no file "index"')
  return { ...source, problems }
}

/**
 * A `.torrent` file, and `data` and `index` in the folder beside it that it names, as far as they are there.
 * @throws NotVerifiableError, BencodeError, TorrentFileError, TorrentInfoError
 */
export async function openTorrentFile(path: string): Promise<ArchiveSource> {
  const torrent = await readTorrent(path)
  return openFiles(join(dirname(resolve(path)), torrent.communityId), path, torrent)
}

async function openFiles(
  folder: string,
  description: string,
  torrent: TorrentInfo | undefined,
): Promise<ArchiveSource> {
  const dataPath = join(folder, 'data')
  const dataBytes = await sizeOf(dataPath)
  const indexPath = join(folder, 'index')
  const indexBytes = await sizeOf(indexPath)
  const problems: string[] = []
  if (indexBytes !== undefined && indexBytes > defaultInfoLimits.maxIndexBytes)
    throw new NotVerifiableError(
      description,
      `the index has ${indexBytes} bytes; ${defaultInfoLimits.maxIndexBytes} are allowed`,
    )
  if (torrent !== undefined && dataBytes !== undefined && dataBytes !== torrent.dataBytes)
    problems.push(`"data" has ${dataBytes} bytes; the torrent says ${torrent.dataBytes}`)
  if (torrent !== undefined && indexBytes !== undefined && indexBytes !== torrent.indexBytes)
    problems.push(`"index" has ${indexBytes} bytes; the torrent says ${torrent.indexBytes}`)
  const name = basename(folder)
  return {
    description,
    communityId: torrent?.communityId ?? (isCommunityIdText(name) ? name : undefined),
    infoHash: torrent && infoHash(torrent.infoBytes, sha1),
    dataBytes: dataBytes ?? torrent?.dataBytes ?? 0,
    pieces: torrent?.pieces,
    problems,
    index: indexBytes === undefined ? undefined : await readFile(indexPath),
    read:
      dataBytes === undefined
        ? undefined
        : (offsetBytes, sizeBytes) =>
            createReadStream(dataPath, {
              start: offsetBytes,
              end: offsetBytes + sizeBytes - 1,
              highWaterMark: 1024 * 1024,
            }),
  }
}

async function readTorrent(path: string): Promise<TorrentInfo> {
  const sizeBytes = await sizeOf(path)
  if (sizeBytes === undefined) throw new NotVerifiableError(path, 'there is no such file')
  if (sizeBytes > maxTorrentFileBytes) throw new NotVerifiableError(path, 'the file is too large to be a torrent')
  const { infoBytes } = decodeTorrentFile(await readFile(path))
  return decodeInfo(infoBytes)
}

/** `undefined` where there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const info = await stat(path)
    return info.isFile() ? info.size : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new NotVerifiableError(path, `it cannot be read: ${(error as Error).message}`, { cause: error })
  }
}
