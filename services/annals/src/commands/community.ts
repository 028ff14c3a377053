import type { AddCommunityRequest, Chat, Community } from '@annals/proto/api/v1'
import { KeyHolder } from '@annals/proto/api/v1'
import { call, stream } from '../client/call.ts'
import type { NodeClient } from '../client/connect.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { NodeError, UsageError } from '../cli-errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { timeText } from '../output/format.ts'
import { fields, table } from '../output/table.ts'
import { answer } from '../output/write.ts'
import { readSecret } from '../read-secret.ts'
import { registerMove } from './move.ts'
import { collect } from './option-parsers.ts'

interface AddOptions {
  readonly name: string
  readonly member?: string
  readonly keyFile?: string
  readonly keptKey?: string
  readonly chat: string[]
  readonly archive: boolean
  readonly encrypted: boolean
}

const addExamples = `
Without --member, --key-file and --kept-key a new community is made, with a new private key that stays in the node.

Examples:
  annals community add --name "My community" --chat general --archive
  annals community add --name "My community" --key-file key.hex --chat general=8a1c…
  annals community add --member 0x0252… --archive`

const controlHelp = `
After a restore the node is a member of every community, so that it fetches what it had announced since the backup. Then it takes
control again; one at a time, where other nodes may have taken over some of them.

Examples:
  annals community release --all
  annals community take --all --restored
  annals community take 0x0252…`

export const registerCommunity: Register = (program, run) => {
  const community = program.command('community').description('the communities that the node knows')
  community
    .command('add')
    .description('makes a community known: as its control node, or as a member')
    .option('--name <name>', 'what people call it', '')
    .option('--member <id>', 'be a member of the community with this id')
    .option(
      '--key-file <file>',
      'be the control node, with the private key (64 hex digits) in this file; - reads it from stdin',
    )
    .option('--kept-key <id>', 'be the control node of the community that "annals keys" has a key or an owner of')
    .option('--chat <name[=channel id]>', 'a chat of the community; may be repeated', collect, [])
    .option('--encrypted', 'its archives are encrypted, under a key that is made where there is none', false)
    .option('--archive', 'switch archiving on as well', false)
    .addHelpText('after', addExamples)
    .action(run(add))
  community.command('list').description('all communities').action(run(list))
  const one = (name: string, description: string) =>
    community.command(name).description(description).argument('<community>', 'community id')
  one('show', 'one community and its chats').action(run(show))
  one('enable', 'switches archiving on').action(run(enable))
  one('disable', 'switches archiving off: no new archives, nothing is seeded').action(run(disable))
  one('public', 'lets everybody read on the page of its archives and how they are').action(run(makePublic))
  one('private', 'lets nobody read of it any more who has no token').action(run(makePrivate))
  one('archive-now', 'seals what is there before the interval is over').action(run(archiveNow))
  one('announce-again', 'announces its newest archive once more').action(run(announceAgain))
  one('leave', 'leaves it; messages, archives and the key stay in the data folder').action(run(leave))
  const some = (name: string, description: string) =>
    community
      .command(name)
      .description(description)
      .argument('[communities...]', 'community ids')
      .option('--all', 'every community whose announcements can be signed here', false)
      .addHelpText('after', controlHelp)
  some('release', 'makes a member of the control node: seals and announces nothing more, and seeds on').action(
    run(release),
  )
  some('take', 'makes the control node of a member that has its key and has fetched everything')
    .option('--restored', 'after a restore: announcements that this node does not know of are its own', false)
    .action(run(take))
  registerMove(community, run)
  one('chats', 'says which chats it has from now on')
    .requiredOption('--chat <name[=channel id]>', 'a chat of the community; may be repeated', collect)
    .addHelpText('after', '\nExample:\n  annals community chats 0x0252… --chat general=8a1c… --chat random')
    .action(run(changeChats))
}

async function add(cli: Cli, { name, member, keyFile, keptKey, chat, archive, encrypted }: AddOptions): Promise<void> {
  if ([member, keyFile, keptKey].filter((given) => given !== undefined).length > 1)
    throw new UsageError('give one of --member, --key-file and --kept-key: a node is a member or the control node')
  const request: AddCommunityRequest = { name, chats: chat.map(parseChat), encrypted }
  if (member !== undefined) request.member = { communityId: member }
  else if (keptKey !== undefined) request.keptKey = { communityId: keptKey }
  else if (keyFile === undefined) request.controlNode = { privateKey: Buffer.alloc(0) }
  else request.controlNode = { privateKey: Buffer.from((await readSecret(keyFile)).reveal()) }
  using client = connect(cli)
  const added = await call(client, client.api.addCommunity, request)
  const communityId = added.community?.communityId ?? ''
  const { community } = archive ? await call(client, client.api.enableArchiving, { communityId }) : added
  await showCommunity(cli, community)
}

async function list(cli: Cli): Promise<void> {
  using client = connect(cli)
  const { communities } = await call(client, client.api.listCommunities, {})
  const rows = communities.map(({ communityId, name, controlNode, joined, archivingOn, chats }) => [
    communityId,
    name,
    controlNode ? 'control node' : 'member',
    joined ? (archivingOn ? 'archiving' : 'not archiving') : 'left',
    chats.length,
  ])
  await answer(cli, communities, () =>
    rows.length === 0
      ? 'no communities yet; "annals community add" makes one known\n'
      : table(['community', 'name', 'role', 'state', 'chats'], rows),
  )
}

type CommunityCall = (client: NodeClient, communityId: string) => Promise<{ community?: Community | undefined }>

const ask =
  (method: CommunityCall) =>
  async (cli: Cli, _: object, communityId: string): Promise<void> => {
    using client = connect(cli)
    await showCommunity(cli, (await method(client, communityId)).community)
  }

interface SomeOptions {
  readonly all: boolean
  readonly restored?: boolean
}

/** Says of each what came of it, and goes on with the others where one is refused. */
const askSome =
  (method: (client: NodeClient, communityId: string, options: SomeOptions) => ReturnType<CommunityCall>) =>
  async (cli: Cli, options: SomeOptions, given: string[]): Promise<number> => {
    if (options.all === given.length > 0) throw new UsageError('name communities, or say --all, and not both')
    using client = connect(cli)
    const changed: Community[] = []
    let failed = false
    for (const communityId of options.all ? await joinedHere(client) : given) {
      try {
        const { community } = await method(client, communityId, options)
        if (community !== undefined) changed.push(community)
      } catch (error) {
        if (!(error instanceof NodeError)) throw error
        failed = true
        cli.stderr.write(`annals: ${error.message}\n`)
      }
    }
    await answer(cli, changed, () =>
      table(
        ['community', 'role'],
        changed.map(({ communityId, controlNode }) => [communityId, controlNode ? 'control node' : 'member']),
      ),
    )
    return failed ? exitCodes.failed : exitCodes.ok
  }

async function joinedHere(client: NodeClient): Promise<string[]> {
  const { communities } = await call(client, client.api.listCommunities, {})
  const keys = new Set<string>()
  for await (const { communityId, holder } of stream(client, client.api.listKeys, {}, new AbortController().signal))
    if (holder !== KeyHolder.KEY_HOLDER_UNSPECIFIED) keys.add(communityId)
  return communities.filter((each) => each.joined && keys.has(each.communityId)).map(({ communityId }) => communityId)
}

const release = askSome((client, communityId) => call(client, client.api.releaseControl, { communityId }))
const take = askSome((client, communityId, { restored = false }) =>
  call(client, client.api.takeControl, { communityId, handover: undefined, restored }),
)

const show = ask((client, communityId) => call(client, client.api.getCommunity, { communityId }))
const enable = ask((client, communityId) => call(client, client.api.enableArchiving, { communityId }))
const disable = ask((client, communityId) => call(client, client.api.disableArchiving, { communityId }))
const leave = ask((client, communityId) => call(client, client.api.leaveCommunity, { communityId }))

const makePublic = ask((client, communityId) =>
  call(client, client.api.changeVisibility, { communityId, public: true }),
)
const makePrivate = ask((client, communityId) =>
  call(client, client.api.changeVisibility, { communityId, public: false }),
)

async function archiveNow(cli: Cli, _: object, communityId: string): Promise<void> {
  using client = connect(cli)
  const wanted = await call(client, client.api.archiveNow, { communityId })
  await answer(cli, wanted, () =>
    fields([
      [
        'to be sealed',
        `${wanted.from === undefined ? 'what there is' : timeText(wanted.from)} to ${timeText(wanted.until)}`,
      ],
      ['next', wanted.asksStoresFirst ? 'the store nodes are asked for what is missing' : 'the archive is made'],
    ]),
  )
}

async function announceAgain(cli: Cli, _: object, communityId: string): Promise<void> {
  using client = connect(cli)
  const { infoHash, magnetLink } = await call(client, client.api.announceAgain, { communityId })
  await answer(cli, { infoHash, magnetLink }, () =>
    fields([
      ['announced again within seconds', infoHash],
      ['magnet link', magnetLink],
    ]),
  )
}

async function changeChats(cli: Cli, { chat }: { chat: string[] }, communityId: string): Promise<void> {
  using client = connect(cli)
  const { community } = await call(client, client.api.changeChats, { communityId, chats: chat.map(parseChat) })
  await showCommunity(cli, community)
}

async function showCommunity(cli: Cli, community: Community | undefined): Promise<void> {
  if (community === undefined) return
  await answer(cli, community, () => {
    const { communityId, name, controlNode, joined, archivingOn, chats, public: isPublic } = community
    const lines = fields([
      ['community', communityId],
      ['name', name],
      ['role', controlNode ? 'control node' : 'member'],
      ['state', joined ? 'joined' : 'left'],
      ['archiving', archivingOn ? 'on' : 'off'],
      ['read by', isPublic ? 'everybody' : 'who has a token'],
    ])
    if (chats.length === 0) return lines
    return `${lines}\n${table(
      ['chat', 'channel id'],
      chats.map((chat) => [chat.name, chat.channelId]),
    )}`
  })
}

function parseChat(given: string): Chat {
  const at = given.lastIndexOf('=')
  const [name, channelId] = at === -1 ? [given, ''] : [given.slice(0, at), given.slice(at + 1)]
  if (name === '' || (at !== -1 && channelId === ''))
    throw new UsageError(`"${given}" is no chat: a name is expected, or name=channel id`)
  return { name, channelId }
}
