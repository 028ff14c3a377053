import type { EventBus, UndecodableEventError } from '@annals/events'
import { readDecodable } from './read-decodable.ts'
import type { RebuiltCommunity } from './rebuilt-community.ts'
import { evolveRebuilt, initialRebuilt, weightOf } from './rebuilt-community.ts'

export interface RebuildOptions {
  readonly signal: AbortSignal
  /** The most that is kept in memory, as `weightOf` counts. One community is kept whatever it takes. */
  readonly maxWeight: number
  /** Called at each event, with its position. */
  readonly onEvent?: (sequence: number) => void
  readonly onUndecodable?: (error: UndecodableEventError) => void
}

/** The communities with ids from `from` on and before `until`, the last of them where that is absent. */
export interface Slice {
  readonly from: string
  readonly until: string | undefined
  readonly communities: ReadonlyMap<string, RebuiltCommunity>
}

/**
 * Rebuilds every community from the log. The log is read from its start to its end: once, where everything fits into
 * `maxWeight`, and else once for each slice of communities that does. A log is in the order of time, so one community
 * after the other would read all of it, in jumps, for each of them.
 */
export async function* rebuildLog(bus: EventBus, options: RebuildOptions): AsyncIterable<Slice> {
  let from: string | undefined = ''
  while (from !== undefined) {
    const slice: Slice = await rebuildSlice(bus, from, options)
    yield slice
    from = slice.until
  }
}

async function rebuildSlice(bus: EventBus, from: string, options: RebuildOptions): Promise<Slice> {
  const { signal, maxWeight, onEvent } = options
  const communities = new Map<string, RebuiltCommunity>()
  let until: string | undefined
  let weight = 0
  // Each slice meets them again; it is enough to hear of them once.
  const onUndecodable = from === '' ? options.onUndecodable : undefined
  for await (const event of readDecodable(bus, { signal }, onUndecodable)) {
    onEvent?.(event.sequence)
    const { communityId } = event
    if (communityId < from || (until !== undefined && communityId >= until)) continue
    const before = communities.get(communityId)
    const after = evolveRebuilt(before ?? initialRebuilt(communityId), event)
    communities.set(communityId, after)
    weight += weightOf(after) - (before === undefined ? 0 : weightOf(before))
    if (weight <= maxWeight || communities.size === 1) continue
    until = dropUpperHalf(communities)
    weight = communities.values().reduce((sum, each) => sum + weightOf(each), 0)
  }
  return { from, until, communities }
}

/** Leaves the communities with the lower ids. @returns the first id that is not among them */
function dropUpperHalf(communities: Map<string, RebuiltCommunity>): string | undefined {
  const ids = [...communities.keys()].sort()
  const dropped = ids.slice(Math.ceil(ids.length / 2))
  for (const id of dropped) communities.delete(id)
  return dropped[0]
}
