import type { ServiceContext } from '@annals/service'
import type { Download, Versioned } from '@annals/storage'
import { systemClock } from '@annals/service'
import { downloads, putUnlessChanged, updateDocument } from '@annals/storage'
import { isFollowed } from './is-followed.ts'
import { resumeWaiting } from './resume-waiting.ts'

/** Wanted, not due, and nothing is said against it: it waits until archiving is on again. */
function isParked({ wanted, dueAt, lastError, waitsForKey }: Download): boolean {
  return wanted !== undefined && dueAt === undefined && lastError === undefined && waitsForKey === undefined
}

/** Puts a claimed download aside because its community's archiving is off. */
export async function parkDownload(context: ServiceContext, row: Versioned<Download>): Promise<void> {
  const { dueAt: _, lastError: __, ...rest } = row.value
  await putUnlessChanged(context.state.collection(downloads), row, { ...rest, tries: 0 })
  // Switched on between the look at the community and the write: whoever looked for parked ones then saw none.
  if (!isFollowed(await context.registry.get(row.id))) return
  await resumeDownload(context, row.id)
  await resumeWaiting(context, row.id)
}

/** Makes a download due that was put aside. */
export async function resumeDownload(context: ServiceContext, communityId: string): Promise<void> {
  const rows = context.state.collection(downloads)
  if ((await rows.get(communityId)) === undefined) return
  await updateDocument(rows, communityId, (value = { tries: 0 }) =>
    isParked(value) ? { ...value, dueAt: systemClock.nowSeconds() } : value,
  )
}
