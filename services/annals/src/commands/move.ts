import { pause } from '@annals/service'
import type { Handover, WakuMessage } from '@annals/proto/api/v1'
import { Secret } from '@annals/crypto'
import { decodeMovedKeys, leastPassphraseBytes, openWithPassphrase } from '@annals/keys'
import type { MovedKeys } from '@annals/keys'
import type { Command } from 'commander'
import { call, stream } from '../client/call.ts'
import type { NodeClient } from '../client/connect.ts'
import { connect } from '../client/connect.ts'
import { readFailure } from '../client/read-failure.ts'
import type { Cli, Run } from '../cli.ts'
import { NodeError, UsageError } from '../cli-errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { readHandover, readPending, writeMoveFile } from '../move-file.ts'
import { timeText } from '../output/format.ts'
import { fields } from '../output/table.ts'
import { answer } from '../output/write.ts'
import { readSecretMessage } from '../read-secret.ts'

const pollMilliseconds = 250

const help = `
On the old host, then on the new one; any of it may be run again where it was cut off. The old host seeds on as a member, until
"finish" finds that it has fetched from the new one. To take a move back before "move in": annals community take. The file has
the community's keys, encrypted under the passphrase: remove it afterwards.

Examples:
  openssl rand -hex 32 > passphrase && chmod 600 passphrase
  annals community move out 0x0252… --to move.json --passphrase-file passphrase     # old host
  annals community move in move.json --passphrase-file passphrase                   # new host
  annals community move finish 0x0252…                                              # old host, a week later`

/** The commands by which a community goes to another host (docs/decisions/0047). */
export function registerMove(community: Command, run: Run): void {
  const move = community.command('move').description('moves a community to another host').addHelpText('after', help)
  move
    .command('out')
    .description('seals and announces it here no more, and writes what the new host needs')
    .argument('<community>', 'community id')
    .requiredOption('--to <file>', 'must not be there yet; for this user alone')
    .requiredOption('--passphrase-file <file>', 'what the keys are encrypted under; - reads it from stdin')
    .action(run(moveOut))
  move
    .command('in')
    .description('fetches everything as a member does, then takes control')
    .argument('<file>', 'what "move out" wrote')
    .requiredOption('--passphrase-file <file>', 'as with "move out"; - reads it from stdin')
    .action(run(moveIn))
  move
    .command('finish')
    .description('leaves it on the old host, once that has fetched an archive of the new one')
    .argument('<community>', 'community id')
    .action(run(finish))
}

interface OutOptions {
  readonly to: string
  readonly passphraseFile: string
}

async function moveOut(cli: Cli, { to, passphraseFile }: OutOptions, communityId: string): Promise<void> {
  const passphrase = Buffer.from((await readPassphrase(passphraseFile)).reveal())
  using client = connect(cli)
  const messages = await writeMoveFile(to, stream(client, client.api.moveOut, { communityId, passphrase }, cli.signal))
  await answer(cli, { communityId, file: to, messages }, () =>
    fields([
      ['moved out', communityId],
      ['file', to],
      ['messages', messages],
    ]),
  )
}

async function moveIn(cli: Cli, { passphraseFile }: { readonly passphraseFile: string }, file: string): Promise<void> {
  const passphrase = await readPassphrase(passphraseFile)
  const handover = await readHandover(file)
  const { communityId, lastArchivedEnd } = handover
  const keys = decodeMovedKeys(await openWithPassphrase(passphrase, communityId, handover.sealedKeys))
  using client = connect(cli)
  const isDone = await join(client, handover)
  if (!isDone) {
    await importKeys(client, communityId, keys)
    await fetchAll(cli, client, handover)
    for await (const messages of readPending(file)) await ingest(client, communityId, messages)
    await call(client, client.api.takeControl, { communityId, handover, restored: false })
  }
  await answer(cli, { communityId, alreadyHere: isDone, infoHash: handover.infoHash, lastArchivedEnd }, () =>
    fields([
      ['moved in', communityId],
      ['torrent', handover.infoHash || '-'],
      ['sealed up to', timeText(lastArchivedEnd)],
    ]),
  )
}

/** Makes a member of this host. @returns whether it has control already */
async function join(client: NodeClient, { communityId, name, chats }: Handover): Promise<boolean> {
  const known = await call(client, client.api.getCommunity, { communityId }).catch((error: unknown) => {
    if (error instanceof NodeError && error.reason === 'COMMUNITY_UNKNOWN') return undefined
    throw error
  })
  const before = known?.community
  if (before?.joined === true && before.controlNode) return true
  if (before?.joined === true) await call(client, client.api.changeChats, { communityId, chats })
  else await call(client, client.api.addCommunity, { member: { communityId }, name, chats })
  await call(client, client.api.enableArchiving, { communityId })
  return false
}

async function importKeys(
  client: NodeClient,
  communityId: string,
  { privateKey, groupKeys }: MovedKeys,
): Promise<void> {
  if (privateKey !== undefined)
    await call(client, client.api.importKey, { privateKey: Buffer.from(privateKey.reveal()) })
  if (groupKeys.length === 0) return
  const keys = groupKeys.map(({ key, ...rest }) => ({ ...rest, key: Buffer.from(key) }))
  await call(client, client.api.importGroupKeys, { communityId, channelId: '', exported: { keys } })
}

/** Until the newest torrent of the old host is here, with all of its archives. */
async function fetchAll(cli: Cli, client: NodeClient, handover: Handover): Promise<void> {
  const { communityId, infoHash, magnetLink, announcement } = handover
  if (infoHash === '') return
  if (announcement.length > 0) await call(client, client.api.takeAnnouncement, { communityId, message: announcement })
  for (let told = ''; ; await pause(pollMilliseconds, cli.signal)) {
    cli.signal.throwIfAborted()
    const { communities } = await call(client, client.api.getStatus, { communityId })
    const { wantedInfoHash = '', lastError = '' } = communities[0]?.download ?? {}
    const here = await call(client, client.api.listArchives, { communityId })
    if (here.infoHash === infoHash && wantedInfoHash === '') return
    // Sealed, and not announced any more.
    if (wantedInfoHash === '') await call(client, client.api.fetch, { communityId, magnetLink })
    if (lastError !== '' && lastError !== told) cli.stderr.write(`annals: ${lastError}; trying again\n`)
    told = lastError
  }
}

async function ingest(client: NodeClient, communityId: string, messages: WakuMessage[]): Promise<void> {
  const turn = client.api.ingestMessages()
  turn.end({ communityId, messages })
  try {
    for await (const { rejected } of turn as AsyncIterable<{ rejected: { reason: string }[] }>)
      if (rejected[0] !== undefined) throw new UsageError(`a message of the file is refused: ${rejected[0].reason}`)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw readFailure(error as Parameters<typeof readFailure>[0], client.address)
  }
}

async function finish(cli: Cli, _: object, communityId: string): Promise<number> {
  using client = connect(cli)
  const names = ['ControlReleased', 'ControlTaken', 'DownloadFinished']
  let last = ''
  const request = { after: 0, names, communityId, follow: false }
  for await (const { name } of stream(client, client.api.streamEvents, request, cli.signal)) last = name
  cli.signal.throwIfAborted()
  if (last !== 'DownloadFinished') {
    cli.stderr.write(
      'annals: nothing of the new host was fetched yet: wait for its next archive, or leave it without that by ' +
        '"annals community leave"\n',
    )
    return exitCodes.failed
  }
  const { community } = await call(client, client.api.leaveCommunity, { communityId })
  await answer(cli, community, () => fields([['left', communityId]]))
  return exitCodes.ok
}

/** @throws UsageError, in which nothing of it stands */
async function readPassphrase(file: string): Promise<Secret> {
  const bytes = Buffer.from((await readSecretMessage(file)).reveal())
  if (bytes.length >= leastPassphraseBytes) return new Secret(bytes)
  throw new UsageError(
    `the passphrase in ${file === '-' ? 'stdin' : file} is too short: "openssl rand -hex 32" makes one that is not`,
  )
}
