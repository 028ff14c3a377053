import type { TokenInfo } from '@annals/proto/api/v1'
import { call } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { timeText } from '../output/format.ts'
import { fields, table } from '../output/table.ts'
import { answer } from '../output/write.ts'
import { writeSecretFile } from '../write-secret.ts'
import { collect } from './option-parsers.ts'

const examples = `
Who has a token may do over HTTP, and on the page, what concerns its communities, and nothing else.

Examples:
  annals tokens create --community 0x0252… --label "Ada" --out ada.token
  annals tokens revoke 8a1c…`

export const registerTokens: Register = (program, run) => {
  const tokens = program
    .command('tokens')
    .description('what lets the owners of communities use the page and the HTTP interface')
    .addHelpText('after', examples)
  tokens
    .command('create')
    .description('makes a token for the owner of communities, and writes it into a new file')
    .requiredOption('--community <id>', 'a community that it opens; may be repeated', collect)
    .option('--label <text>', 'what it goes by among people', '')
    .requiredOption('--out <file>', 'a file that is not there yet; nobody else can read it')
    .action(run(create))
  tokens.command('list').description('the tokens that count, without what is secret').action(run(list))
  tokens
    .command('revoke')
    .description('lets a token open nothing any more')
    .argument('<token id>', 'as "annals tokens list" shows it')
    .action(run(revoke))
}

interface CreateOptions {
  readonly community: string[]
  readonly label: string
  readonly out: string
}

/** A token that could not be written down would open the door for nobody: it is revoked. */
async function create(cli: Cli, { community, label, out }: CreateOptions): Promise<void> {
  using client = connect(cli)
  const { token, secret } = await call(client, client.api.createToken, { label, communityIds: community })
  try {
    await writeSecretFile(out, `${secret}\n`)
  } catch (error) {
    await call(client, client.api.revokeToken, { tokenId: token?.tokenId ?? '' })
    throw error
  }
  await answer(cli, { ...token, file: out }, () =>
    fields([
      ['token', token?.tokenId ?? ''],
      ['written to', out],
    ]),
  )
}

async function list(cli: Cli): Promise<void> {
  using client = connect(cli)
  const { tokens } = await call(client, client.api.listTokens, {})
  await answer(cli, tokens, () =>
    tokens.length === 0
      ? 'no tokens yet; "annals tokens create" makes one\n'
      : table(['token', 'label', 'made', 'communities'], tokens.map(row)),
  )
}

function row({ tokenId, label, createdAt, communityIds }: TokenInfo): (string | number)[] {
  return [tokenId, label, timeText(createdAt), communityIds.join(' ')]
}

async function revoke(cli: Cli, _: object, tokenId: string): Promise<void> {
  using client = connect(cli)
  await call(client, client.api.revokeToken, { tokenId })
  await answer(cli, { revoked: tokenId }, () => fields([['revoked', tokenId]]))
}
