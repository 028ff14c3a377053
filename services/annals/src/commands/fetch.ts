import { call } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { UsageError } from '../cli-errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { answer } from '../output/write.ts'
import { readSecretMessage } from '../read-secret.ts'

export const registerFetch: Register = (program, run) => {
  program
    .command('fetch')
    .description("asks a member's node to fetch the archives that a magnet link names, without an announcement")
    .argument('<community>', 'community id; joined, with archiving on')
    .argument('[magnet-link]', 'in quotes, as it has an & in it')
    .option(
      '--message <file>',
      'in the place of a link: an announcement, or the answer to who asked to join, as a chat application got it; - for stdin',
    )
    .addHelpText(
      'after',
      `\nExample:\n  annals fetch 0x0252… 'magnet:?xt=urn:btih:…'\n  annals fetch 0x0252… --message answer.bin\n  annals events tail --name DownloadFinished`,
    )
    .action(run(fetchArchives))
}

async function fetchArchives(
  cli: Cli,
  { message }: { readonly message?: string },
  communityId: string,
  magnetLink: string | undefined,
): Promise<number> {
  if ((message === undefined) === (magnetLink === undefined))
    throw new UsageError('give either a magnet link or --message, and not both')
  if (message !== undefined) return handOver(cli, communityId, message)
  using client = connect(cli)
  const response = await call(client, client.api.fetch, { communityId, magnetLink: magnetLink ?? '' })
  const { alreadyFetched, infoHash } = response
  await answer(cli, response, () => (alreadyFetched ? `${infoHash} was fetched before\n` : takenText(infoHash)))
  return exitCodes.ok
}

async function handOver(cli: Cli, communityId: string, file: string): Promise<number> {
  const message = Buffer.from((await readSecretMessage(file)).reveal())
  using client = connect(cli)
  const outcome = await call(client, client.api.takeAnnouncement, { communityId, message })
  const { takenInfoHash, knownInfoHash, refusedReason } = outcome
  await answer(cli, outcome, () => {
    if (refusedReason !== undefined) return `the message has no effect: ${refusedReason}\n`
    return takenInfoHash === undefined ? `${knownInfoHash} is here or wanted already\n` : takenText(takenInfoHash)
  })
  return refusedReason === undefined ? exitCodes.ok : exitCodes.failed
}

const takenText = (infoHash: string): string => `${infoHash} is being fetched; "annals status" says how far it is\n`
