import { setTimeout } from 'node:timers/promises'
import type { Membership, ServiceContext } from '@annals/service'
import { instances, seedings, servings } from '@annals/storage'

const lookMilliseconds = 200

/** The part of the drain that may go by until others have taken over. */
const partOfDrain = 0.5

/**
 * Serves on, when this seeder was told to stop and has taken leave, until what it serves is served by another one: they
 * take over what was its own, and a torrent that is new may have come to this one first. Not waited for are seeders that
 * left as well, and nobody is waited for longer than half of the drain.
 * @param membership the one that has ended
 */
export async function serveUntilOthersDo(context: ServiceContext, membership: Membership): Promise<void> {
  const { log, config } = context
  const deadline = performance.now() + config.drainSeconds * 1000 * partOfDrain
  const others = membership.live().filter((instance) => instance !== membership.self)
  let alone: string[] = []
  try {
    while ((alone = await servedHereAlone(context, others)).length > 0) {
      if (performance.now() > deadline) break
      await setTimeout(lookMilliseconds)
    }
  } catch (error) {
    log.warn({ err: error }, 'could not look whether others serve what was served here')
  }
  if (alone.length > 0) log.warn({ communities: alone.length }, 'nobody else serves yet what was served here')
}

/** Communities whose torrent only this process serves, though others are at work. */
async function servedHereAlone(context: ServiceContext, others: readonly string[]): Promise<string[]> {
  const { state, torrents } = context
  const mine = new Map(torrents.seeding().map(({ communityId, infoHash }) => [infoHash, communityId]))
  if (mine.size === 0) return []
  const working = new Set<string>()
  for await (const { value } of state.collection(instances).list({ prefix: 'seeder/' }))
    if (others.includes(value.instance)) working.add(value.instance)
  if (working.size === 0) return []
  for await (const { id, value } of state.collection(servings).list())
    if (working.has(id.slice(id.lastIndexOf('/') + 1))) mine.delete(value.infoHash)
  const alone: string[] = []
  for (const [infoHash, communityId] of mine) {
    // One that another has taken the place of, or that is switched off, need not go on.
    const row = await state.collection(seedings).get(communityId)
    if (row?.value.current?.infoHash === infoHash) alone.push(communityId)
  }
  return alone
}
