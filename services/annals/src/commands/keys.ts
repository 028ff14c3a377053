import type { ListKeysResponse } from '@annals/proto/api/v1'
import { KeyHolder } from '@annals/proto/api/v1'
import { call, stream } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { timeText } from '../output/format.ts'
import { fields, table } from '../output/table.ts'
import { answer } from '../output/write.ts'
import { readSecret } from '../read-secret.ts'

const examples = `
Keys are encrypted in the node's store and never handed out: keep a copy of a key that you import.

Examples:
  annals keys import key.hex
  annals keys create
  annals keys delegate 0x0252… > signer-token`

const rotateHelp = `
First put the new master key, 64 hex digits ("openssl rand -hex 32"), before the old one in the file that
ANNALS_MASTER_KEY_FILE names, for every process of the installation. Afterwards the old one can go.`

export const registerKeys: Register = (program, run) => {
  const keys = program
    .command('keys')
    .description('the private keys of communities, and who signs for them')
    .addHelpText('after', examples)
  keys
    .command('import')
    .description('keeps the private key of a community that there is')
    .argument('[file]', 'holds 64 hex digits; - reads them from stdin', '-')
    .action(run(importKey))
  keys.command('create').description('makes the private key of a new community').action(run(create))
  keys.command('list').description('who signs for which community').action(run(list))
  keys
    .command('delegate')
    .description('lets the owner sign, and says the token for "annals signer", this once')
    .argument('<community>', 'community id')
    .action(run(delegate))
  keys
    .command('rotate')
    .description('encrypts everything under the first key of the master key file')
    .addHelpText('after', rotateHelp)
    .action(run(rotate))
}

async function importKey(cli: Cli, _: object, file: string): Promise<void> {
  const privateKey = Buffer.from((await readSecret(file)).reveal())
  using client = connect(cli)
  const kept = await call(client, client.api.importKey, { privateKey })
  await answer(cli, kept, () =>
    fields([
      ['community', kept.communityId],
      ['key', kept.added ? 'imported' : 'was here already'],
    ]),
  )
}

async function create(cli: Cli): Promise<void> {
  using client = connect(cli)
  const made = await call(client, client.api.createKey, {})
  await answer(cli, made, () => fields([['community', made.communityId]]))
}

async function list(cli: Cli): Promise<void> {
  using client = connect(cli)
  const keys = await Array.fromAsync(stream(client, client.api.listKeys, {}, cli.signal))
  cli.signal.throwIfAborted()
  await answer(cli, keys.map(keyDocument), () =>
    keys.length === 0
      ? 'no keys yet; "annals keys import" or "annals community add" brings one\n'
      : table(
          ['community', 'signed by', 'group keys', 'master key', 'waits since'],
          keys.map((key) => [
            key.communityId,
            holderText(key),
            key.groupKeys,
            key.masterKeyId,
            timeText(key.waitingSince),
          ]),
        ),
  )
}

async function delegate(cli: Cli, _: object, communityId: string): Promise<void> {
  using client = connect(cli)
  const delegated = await call(client, client.api.delegateSigning, { communityId })
  await answer(cli, delegated, () => `${delegated.signerToken}\n`)
}

async function rotate(cli: Cli): Promise<void> {
  using client = connect(cli)
  const { rotated, current, masterKeyId } = await call(client, client.api.rotateKeys, {}, 600)
  await answer(cli, { rotated, current, masterKeyId }, () =>
    fields([
      ['encrypted anew', rotated],
      ['were already', current],
      ['master key', masterKeyId],
    ]),
  )
}

function keyDocument(key: ListKeysResponse): object {
  const { communityId, groupKeys, masterKeyId, waitingSince } = key
  return { communityId, signedBy: holderText(key), groupKeys, masterKeyId, waitingSince }
}

function holderText({ holder }: ListKeysResponse): string {
  if (holder === KeyHolder.KEY_HOLDER_NODE) return 'this node'
  return holder === KeyHolder.KEY_HOLDER_OWNER ? 'the owner' : 'nobody'
}
