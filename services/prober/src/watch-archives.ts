import type { ServiceContext } from '@annals/service'
import { systemClock } from '@annals/service'
import { dispatches, fetchProbes, updateDocument } from '@annals/storage'

/**
 * Has a torrent that was announced looked for on the beat. The first look comes within one: what is sealed at one moment for
 * thousands of communities is not looked for at one. Another announcement of the same torrent changes nothing of that.
 */
export async function watchArchives(
  { state, config }: Pick<ServiceContext, 'state' | 'config'>,
  communityId: string,
): Promise<void> {
  const { fetchProbeSeconds } = config
  if (fetchProbeSeconds === 0) return
  const dispatch = (await state.collection(dispatches).get(communityId))?.value
  // One that waits for its signature is not announced; when it is, there is an event.
  if (dispatch === undefined || dispatch.message === '') return
  const { infoHash } = dispatch
  const firstLookAt = systemClock.nowSeconds() + Math.random() * fetchProbeSeconds
  // A new value in any case: whoever looks just now, and found that nothing is to be looked for, must not have the last word.
  await updateDocument(state.collection(fetchProbes), communityId, (value) => ({
    ...(value ?? { failures: 0 }),
    infoHash,
    dueAt: (value?.infoHash === infoHash ? value.dueAt : undefined) ?? firstLookAt,
  }))
}
