import type { StateStore } from '@annals/storage'
import { downloads, heardClocks } from '@annals/storage'

/** The clock of the newest announcement that came to a member, whatever it named; Unix milliseconds, 0 for none. */
export async function newestHeard(state: StateStore, communityId: string): Promise<number> {
  const { done, wanted } = (await state.collection(downloads).get(communityId))?.value ?? {}
  const again = (await state.collection(heardClocks).get(communityId))?.value
  return Math.max(0, ...[done, wanted, again].map((each) => each?.clockMilliseconds ?? 0))
}
