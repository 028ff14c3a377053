import { stat } from 'node:fs/promises'
import { ArchiveError, BencodeError, MagnetLinkError, TorrentFileError, TorrentInfoError } from '@annals/archive'
import type { Cli, Register } from '../cli.ts'
import { exitCodes } from '../exit-codes.ts'
import { bytesText, shortId, timeText } from '../output/format.ts'
import { fields, table } from '../output/table.ts'
import { answer } from '../output/write.ts'
import { ProgressBar } from '../progress-bar.ts'
import type { ArchiveSource } from '../verify/archive-source.ts'
import { openFolder, openTorrentFile } from '../verify/open-folder.ts'
import { openMagnetLink } from '../verify/open-magnet-link.ts'
import { NotVerifiableError } from '../verify/verify-errors.ts'
import type { VerifyReport } from '../verify/verify-source.ts'
import { verifySource } from '../verify/verify-source.ts'
import { wholeNumber } from './option-parsers.ts'

const help = `
Needs no node. Reads every archive and says what does not hold: entries of the index and their ids, bounds, padding,
messages that do not decode, and, where a torrent is known, the hash of every piece.

  a folder       with "data" and "index", as status-go and a seeder keep them; <folder>.torrent beside it counts
  a .torrent     with the files in the folder it names beside it, as far as they are there
  a magnet link  is fetched into a temporary folder

Exit code ${exitCodes.failed} if anything does not hold.

Examples:
  annals verify archivedata/0x0252…
  annals verify torrents/0x0252….torrent --json
  annals verify 'magnet:?xt=urn:btih:…&dn=0x0252…'`

export const registerVerify: Register = (program, run) => {
  program
    .command('verify')
    .description('checks archives: a folder, a .torrent file or a magnet link')
    .argument('<what>', 'folder, .torrent file or magnet link')
    .option('--max-bytes <bytes>', 'fetch no magnet link of more than this', wholeNumber, 16 * 1024 ** 3)
    .addHelpText('after', help)
    .action(run(verify))
}

async function verify(cli: Cli, { maxBytes }: { maxBytes: number }, what: string): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const source = await open(cli, what, maxBytes, stack)
  using bar = new ProgressBar(cli.stderr, 'verifying')
  const report = await verifySource(source, (done, total) => bar.update(done / total, `${done} of ${total} archives`))
  bar[Symbol.dispose]()
  await answer(cli, report, () => reportText(report))
  return report.holds ? exitCodes.ok : exitCodes.failed
}

async function open(cli: Cli, what: string, maxBytes: number, stack: AsyncDisposableStack): Promise<ArchiveSource> {
  if (/^magnet:/i.test(what)) return openMagnetLink(cli, what, maxBytes, stack)
  const info = await stat(what).catch((error: unknown) => {
    throw new NotVerifiableError(what, 'there is no such folder or file', { cause: error })
  })
  try {
    return info.isDirectory() ? await openFolder(what) : await openTorrentFile(what)
  } catch (error) {
    const foreign = [ArchiveError, BencodeError, MagnetLinkError, TorrentFileError, TorrentInfoError]
    if (!foreign.some((known) => error instanceof known)) throw error
    throw new NotVerifiableError(what, `the torrent cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

function reportText(report: VerifyReport): string {
  const { archives, problems, communityId, infoHash, dataBytes, messages, undecodable, checked, holds } = report
  const rows = archives.map((archive) => [
    shortId(archive.archiveId),
    timeText(archive.from),
    timeText(archive.to),
    bytesText(archive.sizeBytes),
    archive.messages,
    archive.problems.join('; ') || (archive.encrypted ? 'encrypted' : checked === 'content' ? 'holds' : 'not read'),
  ])
  const summary: [string, string | number][] = [
    ['community', communityId ?? 'not known'],
    ['info hash', infoHash ?? 'no torrent known, so no piece hashes were compared'],
    ['archives', `${archives.length} in ${bytesText(dataBytes)}`],
    ['messages', `${messages}${undecodable > 0 ? `, ${undecodable} more do not decode` : ''}`],
    ['verdict', verdict(holds, checked)],
  ]
  const parts = [problems.map((problem) => `${problem}\n`).join(''), fields(summary)]
  if (rows.length > 0) parts.unshift(table(['archive', 'from', 'to', 'size', 'messages', 'state'], rows))
  return parts.filter((part) => part !== '').join('\n')
}

function verdict(holds: boolean, checked: VerifyReport['checked']): string {
  if (!holds) return 'does NOT hold'
  return checked === 'content' ? 'everything holds' : 'what could be looked at holds; the messages could not be read'
}
