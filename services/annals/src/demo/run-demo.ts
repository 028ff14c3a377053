import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ImportRecord } from '@annals/imports'
import { startTracker } from '@annals/torrents/tracker'
import type { Cli } from '../cli.ts'
import { call } from '../client/call.ts'
import { compareMessages } from './compare-messages.ts'
import type { FetchedStep } from './fetched-step.ts'
import { ClockFile } from '../clock-file.ts'
import { RemoteNode } from '../remote-node.ts'
import { loadHistory } from './load-history.ts'
import { Narrator } from './narrator.ts'
import type { Comparison } from './compare-messages.ts'

export interface DemoOptions {
  /** The user's own export; a made-up history where absent. */
  readonly exportFile: string | undefined
  /** Leaves the folder with everything the nodes made, and lets them run on until `signal` aborts. */
  readonly keep: boolean
  readonly stdout: Cli['stderr']
  /** Ends the demonstration: its nodes stop, and its folder goes unless it is to be kept. */
  readonly signal: AbortSignal
}

/** Somebody pressed Ctrl-C. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'

  constructor() {
    super('the demonstration was interrupted; its nodes are stopped')
  }
}

interface Stage {
  readonly nodes: AsyncDisposableStack
  readonly folder: string
  readonly clock: ClockFile
  readonly environment: Readonly<Record<string, string>>
  readonly narrator: Narrator
  readonly earlier: readonly ImportRecord[]
  readonly live: readonly ImportRecord[]
}

const week = 604_800

/**
 * The whole way of a history on this machine alone, told step by step: sealed, seeded and announced by a control node,
 * fetched by a member, appended to, and fetched by another member from the first one alone.
 * @returns the exit code: 0 if every member holds exactly what went in
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const narrator = new Narrator(options.stdout)
  const folder = await mkdtemp(join(tmpdir(), 'annals-demo-'))
  try {
    const history = await loadHistory(options.exportFile, narrator)
    await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
    const clock = await ClockFile.at(join(folder, 'clock'), history.sealAt)
    const environment = {
      ANNALS_CHANNEL: join(folder, 'channel'),
      ANNALS_CLOCK: clock.setting,
      ANNALS_TRACKERS: tracker.announceUrl,
      ANNALS_TORRENT_HOST: '127.0.0.1',
      ANNALS_TORRENT_DHT: 'off',
      ANNALS_LOG: 'warn',
    }
    await using nodes = new AsyncDisposableStack()
    const stage = { nodes, folder, clock, environment, narrator, earlier: history.earlier, live: history.live }
    const identical = await Promise.race([play(stage), interrupted(options.signal)])
    narrator.next(identical, options.keep ? folder : undefined)
    if (options.keep && identical) await showPages(stage, options.signal)
    return identical ? 0 : 1
  } finally {
    if (!options.keep) await rm(folder, { recursive: true, force: true })
  }
}

async function play(stage: Stage): Promise<boolean> {
  const { narrator, earlier, live } = stage
  const control = await start(stage, 'control')
  const communityId = await sealHistory(stage, control)
  const b = await start(stage, 'member-b')
  const first = await joinAndFetch(stage, b, communityId, 'member B')
  const second = await sealOneMoreWeek(stage, control, b, communityId)

  narrator.step('The control node is killed, and member C joins: it gets everything from B alone')
  await control.process.kill()
  const c = await start(stage, 'member-c')
  const third = await joinAndFetch(stage, c, communityId, 'member C')

  narrator.step('What B and C hold, compared with the source, message by message')
  const source = [...earlier, ...live]
  const comparisons: Record<string, Comparison> = {
    B: await compareMessages(source, communityId, b.messages(communityId)),
    C: await compareMessages(source, communityId, c.messages(communityId)),
  }
  narrator.table(await call(c.client, c.client.api.listArchives, { communityId }), [first, second, third], comparisons)
  return Object.values(comparisons).every((each) => each.identical)
}

/** Lets the nodes run on, the killed one too, so that everything can be looked at, until Ctrl-C. */
async function showPages(stage: Stage, signal: AbortSignal): Promise<void> {
  const control = await start(stage, 'control')
  stage.narrator.page(control.process.ready.page ?? '')
  if (!signal.aborted) await once(signal, 'abort')
}

async function sealHistory({ narrator, earlier }: Stage, control: RemoteNode): Promise<string> {
  narrator.step('A control node makes a community and takes in its history')
  const { community } = await call(control.client, control.client.api.addCommunity, {
    controlNode: { privateKey: Buffer.alloc(0) },
    member: undefined,
    name: 'Demonstration',
    chats: [],
  })
  const communityId = community?.communityId ?? ''
  narrator.line(`community ${communityId}`)
  using bar = narrator.bar('import')
  await control.import(communityId, earlier, (stored) =>
    bar.update(stored / earlier.length, `${stored} of ${earlier.length} messages`),
  )
  bar[Symbol.dispose]()

  narrator.step('It has never archived: it seals the history week by week, seeds it and announces it')
  await call(control.client, control.client.api.enableArchiving, { communityId })
  const due = await control.event('ArchiveDue')
  narrator.line(`due: ${day(due.from)} to ${day(due.to)}, in weeks`)
  const created = await control.event('ArchiveCreated')
  for (const archive of created.archives)
    narrator.line(
      `sealed ${day(archive.from)} to ${day(archive.to)}  ${archive.messages} messages  ${archive.archiveId.slice(0, 14)}…`,
    )
  await control.event('SeedingStarted')
  const { magnetLink } = await control.event('MagnetLinkDispatched')
  narrator.line(`announced, signed by the community: ${magnetLink}`)
  return communityId
}

async function joinAndFetch(stage: Stage, member: RemoteNode, communityId: string, name: string): Promise<FetchedStep> {
  const { narrator } = stage
  if (name === 'member B') narrator.step('Member B joins: it checks the announcement and fetches over BitTorrent')
  await call(member.client, member.client.api.addCommunity, {
    controlNode: undefined,
    member: { communityId },
    name: 'Demonstration',
    chats: [],
  })
  await call(member.client, member.client.api.enableArchiving, { communityId })
  return fetched(stage, member, 0, `${name} joins`)
}

async function fetched({ narrator }: Stage, member: RemoteNode, after: number, step: string): Promise<FetchedStep> {
  const { archives, infoHash } = await member.event('ImportStarted', after)
  narrator.line(`the announcement of ${infoHash} counts: signed by the community, and new`)
  using bar = narrator.bar('fetch')
  const stop = member.onEvent('ArchiveDownloaded', after, ({ archivesDone }) =>
    bar.update(archivesDone / archives, `${archivesDone} of ${archives} archives`),
  )
  const finished = await member.event('DownloadFinished', after)
  stop()
  bar[Symbol.dispose]()
  await member.event('SeedingStarted', after)
  const { archivesImported, messagesImported, downloadedBytes } = finished
  narrator.line(
    `${archivesImported} archives, ${messagesImported} messages, ${downloadedBytes} bytes over the wire; now it seeds`,
  )
  return { step, archives: archivesImported, messages: messagesImported, downloadedBytes }
}

async function sealOneMoreWeek(
  stage: Stage,
  control: RemoteNode,
  b: RemoteNode,
  communityId: string,
): Promise<FetchedStep> {
  const { narrator, clock, live } = stage
  narrator.step('New messages arrive, the interval ends, and one more week is sealed')
  const [atControl, atB] = [control.position, b.position]
  await control.import(communityId, live, () => undefined)
  narrator.line(`${live.length} messages arrived`)
  await clock.forward(week)
  narrator.line(`the clock stands at ${day(clock.now)}`)
  const created = await control.event('ArchiveCreated', atControl)
  for (const { from, to, messages } of created.archives)
    narrator.line(`sealed ${day(from)} to ${day(to)}  ${messages} messages`)
  await control.event('Unseeded', atControl)
  if (control.sequenceOf('SeedingStarted', atControl) > control.sequenceOf('Unseeded', atControl))
    throw new Error('the old torrent was gone before the new one was served')
  narrator.line('the new torrent is served; only then the old one was let go')
  return fetched(stage, b, atB, 'member B, one week later')
}

async function start({ nodes, folder, environment }: Stage, name: string): Promise<RemoteNode> {
  return nodes.use(await RemoteNode.start({ folder: join(folder, name), environment }))
}

/** Rejects when the signal aborts. */
async function interrupted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw new InterruptedError()
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}
