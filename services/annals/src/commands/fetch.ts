import { call } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { answer } from '../output/write.ts'

export const registerFetch: Register = (program, run) => {
  program
    .command('fetch')
    .description("asks a member's node to fetch the archives that a magnet link names, without an announcement")
    .argument('<community>', 'community id; joined, with archiving on')
    .argument('<magnet-link>', 'in quotes, as it has an & in it')
    .addHelpText(
      'after',
      `\nExample:\n  annals fetch 0x0252… 'magnet:?xt=urn:btih:…'\n  annals events tail --name DownloadFinished`,
    )
    .action(run(fetchArchives))
}

async function fetchArchives(cli: Cli, _: object, communityId: string, magnetLink: string): Promise<void> {
  using client = connect(cli)
  const response = await call(client, client.api.fetch, { communityId, magnetLink })
  await answer(cli, response, () =>
    response.alreadyFetched
      ? `${response.infoHash} was fetched before\n`
      : `${response.infoHash} is being fetched; "annals status" says how far it is\n`,
  )
}
