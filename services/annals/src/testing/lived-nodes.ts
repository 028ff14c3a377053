import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTracker } from '@annals/torrents/tracker'
import { call } from '../client/call.ts'
import { ClockFile } from '../clock-file.ts'
import { makeUpHistory } from '../demo/make-up-history.ts'
import { RemoteNode } from '../remote-node.ts'

/** Data folders of two nodes that have been through everything that happens, and are stopped. */
export interface LivedNodes extends AsyncDisposable {
  readonly control: string
  readonly member: string
  /** The community that the control node archives and the member follows. */
  readonly communityId: string
}

const week = 604_800

/**
 * A control node seals, announces, is switched off and on and seals again; a member fetches both times. The control node
 * knows a community without a history as well, and one that it left.
 */
export async function liveThrough(): Promise<LivedNodes> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'annals-lived-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const start = Date.UTC(2026, 0, 5) / 1000
  const records = makeUpHistory(start, 4, 20)
  const sealAt = start + 3 * week
  const clock = await ClockFile.at(join(folder, 'clock'), sealAt)
  await using tracker = await startTracker({ host: '127.0.0.1', port: 0 })
  const environment = {
    ANNALS_CHANNEL: join(folder, 'channel'),
    ANNALS_CLOCK: clock.setting,
    ANNALS_TRACKERS: tracker.announceUrl,
    ANNALS_TORRENT_HOST: '127.0.0.1',
    ANNALS_TORRENT_DHT: 'off',
    ANNALS_LOG: 'warn',
  }
  await using control = await RemoteNode.start({ folder: join(folder, 'control'), environment })
  await using member = await RemoteNode.start({ folder: join(folder, 'member'), environment })
  const communityId = await addOwn(control)
  const silent = await addOwn(control)
  await enable(control, silent)
  const left = await addOwn(control)
  await call(control.client, control.client.api.leaveCommunity, { communityId: left })
  const early = records.filter(({ timestamp }) => timestamp < sealAt)
  await control.import(communityId, early, () => undefined)
  await enable(control, communityId)
  await control.event('MagnetLinkDispatched')
  await joinCommunity(member, communityId)
  await member.event('SeedingStarted')
  await call(control.client, control.client.api.disableArchiving, { communityId })
  await control.event('Unseeded')
  const switchedOff = control.position
  await enable(control, communityId)
  await control.event('SeedingStarted', switchedOff)

  const [atControl, atMember] = [control.position, member.position]
  await control.import(communityId, records.slice(early.length), () => undefined)
  await clock.forward(week)
  await control.event('Unseeded', atControl)
  await member.event('Unseeded', atMember)
  await control.process.stop()
  await member.process.stop()
  const owned = stack.move()
  return {
    control: join(folder, 'control', 'data'),
    member: join(folder, 'member', 'data'),
    communityId,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function addOwn({ client }: RemoteNode): Promise<string> {
  const controlNode = { privateKey: Buffer.alloc(0) }
  const { community } = await call(client, client.api.addCommunity, {
    controlNode,
    member: undefined,
    name: 'C',
    chats: [],
  })
  return community?.communityId ?? ''
}

async function joinCommunity({ client }: RemoteNode, communityId: string): Promise<void> {
  const member = { communityId }
  await call(client, client.api.addCommunity, { controlNode: undefined, member, name: 'C', chats: [] })
  await call(client, client.api.enableArchiving, { communityId })
}

async function enable({ client }: RemoteNode, communityId: string): Promise<void> {
  await call(client, client.api.enableArchiving, { communityId })
}
