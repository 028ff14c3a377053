import type { ListArchivesResponse } from '@annals/proto/api/v1'
import { call } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { bytesText, shortId, timeText } from '../output/format.ts'
import { fields, table } from '../output/table.ts'
import { answer } from '../output/write.ts'

export const registerArchives: Register = (program, run) => {
  program
    .command('archives')
    .description("a community's archives, in the order in which they stand in its torrent")
    .argument('<community>', 'community id')
    .addHelpText('after', '\nExample:\n  annals archives 0x0252… --json | jq .archives[].archiveId')
    .action(run(listArchives))
}

async function listArchives(cli: Cli, _: object, communityId: string): Promise<void> {
  using client = connect(cli)
  const response = await call(client, client.api.listArchives, { communityId })
  await answer(cli, response, () => archivesText(response))
}

function archivesText({ archives, infoHash, magnetLink, lastArchivedEnd }: ListArchivesResponse): string {
  if (archives.length === 0) return `no archives yet; done up to ${timeText(lastArchivedEnd)}\n`
  const rows = archives.map(({ archiveId, from, to, offsetBytes, sizeBytes, messages, waitsForKey }) => [
    shortId(archiveId),
    timeText(from),
    timeText(to),
    offsetBytes,
    bytesText(sizeBytes),
    waitsForKey === '' ? messages : 'waits for its key',
  ])
  const total = archives.reduce((sum, { messages }) => sum + messages, 0)
  return `${table(['archive', 'from', 'to', 'offset', 'size', 'messages'], rows)}\n${fields([
    ['messages', total],
    ['info hash', infoHash],
    ['magnet link', magnetLink],
  ])}`
}
