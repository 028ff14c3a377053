import type { CollectionDefinition } from '@annals/storage'
import { announcementCursors, catalogues, dispatches, downloadProgress, downloads, seedings } from '@annals/storage'
import type { ServiceContext } from '../service.ts'

/** What a community's work has come to. */
export interface Snapshot {
  readonly events: readonly unknown[]
  readonly documents: Readonly<Record<string, unknown>>
  readonly blobs: readonly string[]
  readonly messages: readonly string[]
  readonly pending: number
  readonly seeding: readonly string[]
}

/**
 * Everything that may not depend on what failed when. Left out are document versions, when an announcement is to be repeated
 * (by the machine's clock), which trace something belongs to, and, of a download's progress, the split into stored and known messages: those that a failed try
 * stored are known to the next one.
 */
export async function snapshot(context: ServiceContext, communityId: string): Promise<Snapshot> {
  const events: unknown[] = []
  for await (const { id, payload } of context.bus.read({ communityId })) events.push({ id, payload })
  const messages: string[] = []
  for await (const batch of context.messages.range(communityId, {}))
    messages.push(...batch.map(({ hash }) => Buffer.from(hash).toString('hex')))
  const blobs: string[] = []
  for await (const { key } of context.blobs.list()) blobs.push(key)
  const value = async <T>(definition: CollectionDefinition<T>): Promise<T | undefined> =>
    (await context.state.collection(definition).get(communityId))?.value
  const progress = await value(downloadProgress)
  const { dueAt: _, traceparent: _dispatched, ...dispatch } = (await value(dispatches)) ?? {}
  const { traceparent: _wanted, ...download } = (await value(downloads)) ?? {}
  const { torrent: made, ...catalogue } = (await value(catalogues)) ?? {}
  const { traceparent: _made, ...torrent } = made ?? {}
  return {
    events,
    documents: {
      catalogue: { ...catalogue, torrent },
      seeding: await value(seedings),
      dispatch,
      download,
      cursors: await value(announcementCursors),
      imported: Object.entries(progress?.imported ?? {}).map(([id, each]) => [id, each.blob, each.stored + each.known]),
    },
    blobs: blobs.sort(),
    messages,
    pending: (await context.messages.summary(communityId)).pending,
    seeding: context.torrents
      .seeding()
      .filter((seeded) => seeded.communityId === communityId)
      .map(({ infoHash }) => infoHash),
  }
}
