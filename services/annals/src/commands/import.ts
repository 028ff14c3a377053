import { call } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import type { ImportSummary } from '../import/import-files.ts'
import { importFiles } from '../import/import-files.ts'
import { exitCodes } from '../exit-codes.ts'
import { fields } from '../output/table.ts'
import { answer } from '../output/write.ts'

const help = `
Reads DiscordChatExporter's JSON (a file a channel, or a folder of them) and NDJSON with "channel", "author",
"timestamp" (Unix seconds) and "text", plain or gzipped. Importing again adds only what is new, so an import that was
cut off is simply done again. Each channel becomes a chat of the community.

Examples:
  annals import 'exports/' --community 0x0252…
  annals import irc.ndjson.gz --community 0x0252… --json`

export const registerImport: Register = (program, run) => {
  program
    .command('import')
    .description("takes another system's exports into a community that this node controls")
    .argument('<path...>', 'files, or folders of them')
    .requiredOption('--community <id>', 'the community that gets the messages')
    .addHelpText('after', help)
    .action(run(importExports))
}

async function importExports(cli: Cli, { community }: { community: string }, paths: string[]): Promise<number> {
  using client = connect(cli)
  // A community that cannot take an import is told before anything is read.
  await call(client, client.api.getCommunity, { communityId: community })
  const summary = await importFiles(cli, client, community, paths)
  await answer(cli, summary, () => summaryText(summary))
  return summary.failedFiles.length > 0 ? exitCodes.failed : exitCodes.ok
}

function summaryText(summary: ImportSummary): string {
  const { files, records, stored, known, repeated, setAside, newChats, reasons, failedFiles } = summary
  const counts = fields([
    ['files', files],
    ['records', records],
    ['stored', stored],
    ['known before', known],
    ['repeated', `${repeated}${repeated > 0 ? ' (identical ones count once)' : ''}`],
    ['set aside', setAside],
    ['new chats', newChats.map((chat) => chat.name).join(', ') || 'none'],
  ])
  const more = setAside > reasons.length ? [`… and ${setAside - reasons.length} more`] : []
  return [counts, ...[...reasons, ...more, ...failedFiles].map((line) => `${line}\n`)].join('')
}
