import type { Announcement, Download, StateStore } from '@annals/storage'
import { catalogues, dispatches, downloads, emptyCatalogue, updateDocument } from '@annals/storage'

type Announced = Pick<Announcement, 'infoHash' | 'clockMilliseconds'>

/**
 * To be done before `ReleaseControl`: what this installation announced last counts as fetched, so that as a member it takes
 * nothing older for news. May be done again.
 * @returns what was announced last; an empty hash and 0 for nothing
 */
export async function beforeRelease(state: StateStore, communityId: string): Promise<Announced> {
  const dispatch = (await state.collection(dispatches).get(communityId))?.value
  const row = await updateDocument<Download>(state.collection(downloads), communityId, (before) => {
    if (dispatch === undefined || dispatch.infoHash === '') return undefined
    if (dispatch.clockMilliseconds <= (before?.done?.clockMilliseconds ?? -1)) return undefined
    const { infoHash, magnetLink, clockMilliseconds } = dispatch
    return { done: { infoHash, magnetLink, clockMilliseconds }, tries: 0 }
  })
  const { infoHash = '', clockMilliseconds = 0 } = row?.value.done ?? {}
  return { infoHash, clockMilliseconds }
}

/**
 * To be done after `ReleaseControl` is in the log: writes the catalogue's row, so that a sealing that read it before and has
 * not heard of the release cannot be committed any more. May be done again.
 */
export async function afterRelease(state: StateStore, communityId: string): Promise<void> {
  await updateDocument(state.collection(catalogues), communityId, (before = emptyCatalogue) => {
    const { controlTaken: _, ...rest } = before
    return rest
  })
}
