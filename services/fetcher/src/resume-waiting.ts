import type { ServiceContext } from '@annals/service'
import { systemClock } from '@annals/service'
import { downloads, updateDocument } from '@annals/storage'
import { waitingOf } from './waiting-archives.ts'

/**
 * Makes a community's download due where its index, or archives that are here already, waited for a key that has come.
 * What is under way is stopped by that, and goes on behind what waited.
 */
export async function resumeWaiting(context: ServiceContext, communityId: string): Promise<void> {
  if (!(await canGoOn(context, communityId))) return
  await updateDocument(context.state.collection(downloads), communityId, (value = { tries: 0 }) => ({
    ...value,
    dueAt: systemClock.nowSeconds(),
  }))
}

async function canGoOn(context: ServiceContext, communityId: string): Promise<boolean> {
  const { cipher } = context.keys
  const waitsForKey = (await context.state.collection(downloads).get(communityId))?.value.waitsForKey
  if (waitsForKey !== undefined && (await cipher.has(communityId, waitsForKey))) return true
  for (const { value } of await waitingOf(context, communityId))
    if (await cipher.has(communityId, value.wantedKey)) return true
  return false
}
