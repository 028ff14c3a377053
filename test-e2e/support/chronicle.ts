import type { ImportRecord } from '@annals/imports'
import type { AddCommunityRequest, Chat, ListArchivesResponse } from '@annals/proto/api/v1'
import { call, makeUpHistory } from '@annals/annals'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { status } from '@grpc/grpc-js'
import type { LivingNode } from './living-node.ts'
import type { Stage } from './stage.ts'

export const week = 604_800
/** The first message of every chronicle, Unix seconds. */
export const beginning = Date.UTC(2025, 0, 6) / 1000
const privateKey = Buffer.alloc(32, 7)

/** A community's life, the same in every world: a first part of its history, then a week at a time. */
export class Chronicle {
  readonly #records: readonly ImportRecord[]
  readonly #firstWeeks: number

  constructor(weeks: number, messagesPerWeek: number, firstWeeks: number) {
    this.#records = makeUpHistory(beginning, weeks, messagesPerWeek)
    this.#firstWeeks = firstWeeks
  }

  /** Round 0 is the first part, each further one a week. */
  recordsOf(round: number): ImportRecord[] {
    const from = round === 0 ? beginning : this.endOf(round - 1)
    return this.#records.filter(({ timestamp }) => timestamp >= from && timestamp < this.endOf(round))
  }

  endOf(round: number): number {
    return beginning + (this.#firstWeeks + round) * week
  }

  through(round: number): ImportRecord[] {
    return this.#records.filter(({ timestamp }) => timestamp < this.endOf(round))
  }
}

interface ControlledOptions {
  readonly key?: Uint8Array
  readonly name?: string
  readonly channelIds?: readonly string[]
  readonly encrypted?: boolean
}

/** Makes the community on its control node; answers its id. */
export async function addControlled(
  control: LivingNode,
  { key = privateKey, name = 'Chronicle', channelIds = [], encrypted = false }: ControlledOptions = {},
): Promise<string> {
  const controlNode = { privateKey: Buffer.from(key) }
  await add(control, { controlNode, member: undefined, name, chats: chatsOf(channelIds), encrypted })
  return communityIdOfPrivateKey(key)
}

/** @param channelIds of chats that it is to collect itself */
export async function addMember(
  member: LivingNode,
  communityId: string,
  channelIds: readonly string[] = [],
): Promise<void> {
  await add(member, { controlNode: undefined, member: { communityId }, name: 'Chronicle', chats: chatsOf(channelIds) })
  await enable(member, communityId)
}

function chatsOf(channelIds: readonly string[]): Chat[] {
  return channelIds.map((channelId) => ({ channelId, name: channelId }))
}

async function add(node: LivingNode, request: AddCommunityRequest): Promise<void> {
  await node.run(async ({ client }) => {
    await call(client, client.api.addCommunity, request).catch((error: { code?: number }) => {
      // The node was killed after it had added the community and before it could say so.
      if (error.code !== status.ALREADY_EXISTS) throw error
    })
  })
}

export async function enable(node: LivingNode, communityId: string): Promise<void> {
  await node.run(({ client }) => call(client, client.api.enableArchiving, { communityId }))
}

/**
 * Brings a round's messages in, lets its time pass and waits until it is sealed and announced.
 * @returns the info hash of what is announced by then
 */
export async function sealRound(
  stage: Stage,
  control: LivingNode,
  communityId: string,
  chronicle: Chronicle,
  round: number,
): Promise<string> {
  const end = chronicle.endOf(round)
  await control.run((node) => node.import(communityId, chronicle.recordsOf(round), () => undefined))
  await stage.clock.forward(end - stage.clock.now)
  if (round === 0) await enable(control, communityId)
  return untilAnnounced(control, communityId, end)
}

/** Adds a community with a history of its own that ends by now, and waits until all of it is sealed and announced; answers its id. */
export async function addWithHistory(
  stage: Stage,
  control: LivingNode,
  options: ControlledOptions,
  records: readonly ImportRecord[],
): Promise<string> {
  const communityId = await addControlled(control, options)
  await control.run((node) => node.import(communityId, records, () => undefined))
  await enable(control, communityId)
  await untilAnnounced(control, communityId, stage.clock.now)
  return communityId
}

/** Waits until a control node sealed what there is up to a time and announced it; answers the info hash of that. */
export async function untilAnnounced(control: LivingNode, communityId: string, end: number): Promise<string> {
  await control.run((node) =>
    Promise.race([
      node.event('ArchiveCreated', 0, ({ to }, id) => id === communityId && to === end),
      node.event('NoArchiveCreated', 0, ({ to }, id) => id === communityId && to === end),
    ]),
  )
  const { infoHash } = await archivesOf(control, communityId)
  await control.run((node) => node.event('MagnetLinkDispatched', 0, (dispatched) => dispatched.infoHash === infoHash))
  return infoHash
}

/** Waits until a member serves the torrent. */
export async function waitUntilServed(member: LivingNode, infoHash: string): Promise<void> {
  await member.run((node) => node.event('SeedingStarted', 0, (started) => started.infoHash === infoHash))
}

export function archivesOf(node: LivingNode, communityId: string): Promise<ListArchivesResponse> {
  return node.run(({ client }) => call(client, client.api.listArchives, { communityId }))
}
