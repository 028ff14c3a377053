import type { ServiceContext } from '@annals/service'
import { systemClock } from '@annals/service'
import { VersionConflictError, announcementProbes } from '@annals/storage'

/** Publishing may have begun so long before it is known to be done: after a crash, by a process that is gone. */
const publishingSeconds = 7_200

/**
 * Has an announcement that went out looked for on the beat. The first look comes after half a beat to one and a half: what is
 * sealed at one moment for thousands of communities is not looked for at one. Another announcement of the same torrent
 * changes nothing of that.
 */
export async function watchAnnouncement(
  context: Pick<ServiceContext, 'state' | 'config'>,
  communityId: string,
  { infoHash }: { readonly infoHash: string },
): Promise<void> {
  const { probeSeconds } = context.config
  if (probeSeconds === 0) return
  const rows = context.state.collection(announcementProbes)
  const row = await rows.get(communityId)
  const now = systemClock.nowSeconds()
  const known = row?.value.infoHash === infoHash ? row.value : { infoHash, repetitions: 0 }
  const dueAt = ('dueAt' in known ? known.dueAt : undefined) ?? now + (0.5 + Math.random()) * probeSeconds
  try {
    // Written in any case: whoever looks just now, and found that nothing is to be looked for, must not have the last word.
    await rows.put(communityId, { ...known, publishedAfter: now - publishingSeconds, dueAt }, row?.version ?? 0)
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error
    // Somebody looked meanwhile, or announced as well.
    await watchAnnouncement(context, communityId, { infoHash })
  }
}
