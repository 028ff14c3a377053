import type { GroupKeyInfo, ImportGroupKeysRequest } from '@annals/proto/api/v1'
import { call, stream } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatGroupKeyFile, isGroupKeyFile, parseGroupKeyFile } from '../group-key-file.ts'
import { momentText } from '../output/format.ts'
import { fields, table } from '../output/table.ts'
import { answer } from '../output/write.ts'
import { readSecret, readSecretMessage } from '../read-secret.ts'
import { writeSecretFile } from '../write-secret.ts'
import { wholeNumber } from './option-parsers.ts'

const examples = `
A community that has a key of its own is archived encrypted, under its newest one. Keys are encrypted in the node's store. Who
has a file of "export" reads every archive under its keys: hand it on encrypted, and delete it.

Examples:
  annals group-keys create 0x0252…
  annals group-keys rotate 0x0252…
  annals group-keys import 0x0252… hr-keys.bin
  annals group-keys import 0x0252… key.hex --timestamp 1704067200123
  annals group-keys export 0x0252… keys.json`

export const registerGroupKeys: Register = (program, run) => {
  const keys = program
    .command('group-keys')
    .description('the keys of encrypted communities')
    .addHelpText('after', examples)
  const one = (name: string, description: string) =>
    keys.command(name).description(description).argument('<community>', 'community id')
  one('import', 'keeps keys that a chat application handed on; what waits for them goes on')
    .argument('[file]', 'an encoded HRKeys, as it is or in hex, or what "export" wrote; - reads it from stdin', '-')
    .option('--timestamp <ms>', 'the file holds one key, 64 hex digits, of this time in Unix milliseconds', wholeNumber)
    .option('--channel <id>', 'the keys are of one channel, not of the whole community', '')
    .action(run(importKeys))
  one('export', 'hands the keys out, into a new file of mode 0600; on the node’s own machine only')
    .argument('<file>', 'must not be there yet')
    .action(run(exportKeys))
  one('create', 'makes the first key of a community that this node controls').action(run(makeKey(false)))
  one('rotate', 'makes a new key: what is archived from now on is under it').action(run(makeKey(true)))
  keys
    .command('list')
    .description('which keys there are')
    .argument('[community]', 'community id; of all where absent', '')
    .action(run(list))
}

interface ImportOptions {
  readonly timestamp?: number
  readonly channel: string
}

async function importKeys(
  cli: Cli,
  { timestamp, channel }: ImportOptions,
  communityId: string,
  file: string,
): Promise<void> {
  const request: ImportGroupKeysRequest = { communityId, channelId: channel }
  if (timestamp === undefined) Object.assign(request, keysIn((await readSecretMessage(file)).reveal(), communityId))
  else request.key = { key: Buffer.from((await readSecret(file)).reveal()), timestampMilliseconds: timestamp }
  using client = connect(cli)
  const imported = await call(client, client.api.importGroupKeys, request)
  await answer(cli, imported, () => `${keysText(imported.keys)}\n${fields([['imported', imported.added]])}`)
}

function keysIn(bytes: Uint8Array, communityId: string): Pick<ImportGroupKeysRequest, 'hrKeys' | 'exported'> {
  return isGroupKeyFile(bytes)
    ? { exported: { keys: parseGroupKeyFile(bytes, communityId) } }
    : { hrKeys: Buffer.from(bytes) }
}

async function exportKeys(cli: Cli, _: object, communityId: string, file: string): Promise<number> {
  using client = connect(cli)
  const { keys } = await call(client, client.api.exportGroupKeys, { communityId })
  if (keys.length === 0) {
    await answer(cli, { exported: 0 }, () => 'there are no keys of this community here, and no file was made\n')
    return exitCodes.failed
  }
  await writeSecretFile(file, formatGroupKeyFile(communityId, keys))
  await answer(cli, { exported: keys.length, file }, () =>
    fields([
      ['exported', keys.length],
      ['file', file],
    ]),
  )
  return exitCodes.ok
}

const makeKey =
  (rotate: boolean) =>
  async (cli: Cli, _: object, communityId: string): Promise<void> => {
    using client = connect(cli)
    const { key } = await call(client, client.api.createGroupKey, { communityId, rotate })
    await answer(cli, key, () => keysText(key === undefined ? [] : [key]))
  }

async function list(cli: Cli, _: object, communityId: string): Promise<void> {
  using client = connect(cli)
  const keys: GroupKeyInfo[] = []
  for await (const { key } of stream(client, client.api.listGroupKeys, { communityId }, cli.signal))
    if (key !== undefined) keys.push(key)
  cli.signal.throwIfAborted()
  await answer(cli, keys, () =>
    keys.length === 0 ? 'no keys yet; "annals group-keys create" or "import" brings one\n' : keysText(keys),
  )
}

function keysText(keys: readonly GroupKeyInfo[]): string {
  return table(
    ['community', 'key', 'group', 'time'],
    keys.map(({ communityId, keyId, groupId, timestampMilliseconds }) => [
      communityId,
      keyId,
      groupId === communityId ? 'community' : Buffer.from(groupId.slice(2), 'hex').toString().slice(communityId.length),
      momentText(timestampMilliseconds),
    ]),
  )
}
