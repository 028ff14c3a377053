import type { ServiceContext } from '@annals/service'
import { systemClock } from '@annals/service'
import { announcementProbes, updateDocument } from '@annals/storage'

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
  const now = systemClock.nowSeconds()
  const firstLookAt = now + (0.5 + Math.random()) * probeSeconds
  await updateDocument(context.state.collection(announcementProbes), communityId, (value) => {
    const known = value?.infoHash === infoHash ? value : undefined
    // A new value in any case: whoever looks just now, and found that nothing is to be looked for, must not have the last word.
    return {
      ...(known ?? { infoHash, repetitions: 0 }),
      publishedAfter: now - publishingSeconds,
      dueAt: known?.dueAt ?? firstLookAt,
    }
  })
}
