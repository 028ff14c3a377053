import type { MadeTorrent, RawArchive, TestNode } from '@annals/service/testing'
import type { Catalogue, Download } from '@annals/storage'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { GroupKey } from '@annals/crypto'
import type { ServiceContext } from '@annals/service'
import { announceChatId, communityIdOfPrivateKey, encodeMagnetMessage, toHex } from '@annals/crypto'
import { eventId } from '@annals/events'
import { addMember, makeTorrent, messageOf, openTestNode, privateKeyOf, rawArchive } from '@annals/service/testing'
import { announcementCursors, catalogues, downloads } from '@annals/storage'

export const communityId = communityIdOfPrivateKey(privateKeyOf(7))

/** A member's node with nothing started, and a node from which it can have torrents. */
export interface Scene extends AsyncDisposable {
  readonly member: TestNode
  readonly seeder: TestNode
  /** Serves a torrent, if it is one and no link, and announces it. */
  announce(what: MadeTorrent | string, clockMilliseconds: number, key?: number): Promise<void>
  catalogue(): Promise<Catalogue | undefined>
  download(): Promise<Download | undefined>
  /** Resolves once the download's row is as wished. */
  untilDownload(wish: (row: Download) => boolean): Promise<Download>
  /** Resolves once listening on a chat got behind its message of a number, from 1. */
  untilCursor(chat: string, number: number): Promise<void>
  /** Of the torrents that the member's node has of the community. */
  metadataFiles(): Promise<string[]>
  /** The times of the member's messages, in order. */
  times(): Promise<number[]>
}

export async function openScene(env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const seeder = stack.use(await openTestNode())
  const channel = join(seeder.folder, 'channel')
  const member = stack.use(await openTestNode({ env: { ANNALS_CHANNEL: channel, ...env } }))
  const { context } = member
  await addMember(context, communityId)
  const download = async (): Promise<Download | undefined> =>
    (await context.state.collection(downloads).get(communityId))?.value
  const owned = stack.move()
  return {
    member,
    seeder,
    async announce(what, clockMilliseconds, key = 7) {
      const magnetLink = typeof what === 'string' ? what : await what.serve(seeder.context.torrents)
      const privateKey = privateKeyOf(key)
      const message = encodeMagnetMessage({ privateKey, clockMilliseconds, magnetLink })
      await seeder.context.channel.publish(announceChatId(communityId, 'magnetlinks'), message)
    },
    catalogue: async () => (await context.state.collection(catalogues).get(communityId))?.value,
    download,
    async untilDownload(wish) {
      for (;;) {
        const row = await download()
        if (row !== undefined && wish(row)) return row
        await setTimeout(10)
      }
    },
    async untilCursor(chat, number) {
      const rows = context.state.collection(announcementCursors)
      for (;;) {
        const cursor = (await rows.get(communityId))?.value.cursors[chat]
        if (cursor?.endsWith(`.${number}`) === true) return
        await setTimeout(10)
      }
    },
    async metadataFiles() {
      const names = await readdir(join(member.folder, 'data', 'torrents', communityId), { recursive: true })
      return names.filter((name) => name.endsWith('.info')).map((name) => basename(name))
    },
    async times() {
      const batches = await Array.fromAsync(context.messages.range(communityId, {}))
      return batches.flat().map(({ timestamp }) => timestamp)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Keeps a key and says so, as the gateway does. */
export async function addGroupKey(context: ServiceContext, key: GroupKey, of = communityId): Promise<void> {
  await context.keys.groups.putRead(of, key)
  const payload = { keyId: toHex(key.keyId), groupId: toHex(key.groupId) }
  const id = eventId('GroupKeyAdded', of, payload.keyId)
  await context.bus.publish({ id, name: 'GroupKeyAdded', communityId: of, payload })
}

/** The archive [from, from + 1000) with a message at each moment. */
export function week(from: number, ...moments: number[]): Promise<RawArchive> {
  return rawArchive(
    moments.map((moment) => messageOf(communityId, moment)),
    from,
  )
}

/** A torrent of so many weeks, two messages each, from 1000 on. */
export async function weeks(count: number): Promise<MadeTorrent> {
  const starts = Array.from({ length: count }, (_, at) => 1_000 * (at + 1))
  return makeTorrent(communityId, await Promise.all(starts.map((from) => week(from, from + 1, from + 2))))
}

/** A link to a torrent that nobody has. */
export function lostLink(digit: string): string {
  return `magnet:?xt=urn:btih:${digit.repeat(40)}&dn=${communityId}`
}
