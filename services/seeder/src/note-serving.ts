import type { ServiceContext, Share } from '@annals/service'
import { VersionConflictError, servings, updateDocument } from '@annals/storage'

/**
 * Writes down for the other seeders, and for whoever asks, what this one serves of a community; nothing where there are
 * no others. Rows of seeders that are no more go.
 */
export async function noteServing(
  context: ServiceContext,
  communityId: string,
  infoHash: string | undefined,
  share: Share | undefined,
): Promise<void> {
  if (share === undefined) return
  const rows = context.state.collection(servings)
  const own = servingId(communityId, context.instance)
  for await (const { id, version } of rows.list({ prefix: `${communityId}/` })) {
    const gone = id === own ? infoHash === undefined : !share.isMember(id.slice(communityId.length + 1))
    if (gone) await rows.delete(id, version).catch(ignoreConflict)
  }
  if (infoHash !== undefined)
    await updateDocument(rows, own, (value) => (value?.infoHash === infoHash ? value : { infoHash }))
}

export function servingId(communityId: string, instance: string): string {
  return `${communityId}/${instance}`
}

/** Its owner wrote it meanwhile, and so is at work. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof VersionConflictError)) throw error
}
