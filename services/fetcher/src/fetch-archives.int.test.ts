import type { Snapshot } from '@annals/service/testing'
import { Faults, InjectedFault, snapshot } from '@annals/service/testing'
import { expect, it } from 'vitest'
import { fetchArchives } from './fetch-archives.ts'
import type { Scene } from './testing/open-scene.ts'
import { communityId, openScene, weeks } from './testing/open-scene.ts'

const { signal } = new AbortController()

/** Two downloads, the second with more than the first. What fails is tried again. */
async function live(scene: Scene, faults: Faults): Promise<unknown> {
  const { context } = scene.member
  const faulty = { ...context, ...faults.wrap(context) }
  for (const count of [1, 2]) {
    const torrent = await weeks(count)
    const magnetLink = await torrent.serve(scene.seeder.context.torrents)
    const wanted = { infoHash: torrent.torrent.infoHash, magnetLink, clockMilliseconds: count }
    const attempt = (): Promise<unknown> => fetchArchives(faulty, communityId, wanted, signal)
    await attempt().catch(async (error: unknown) => {
      if (!(error instanceof InjectedFault)) throw error
      await attempt()
    })
  }
  return comparable(await snapshot(context, communityId))
}

/**
 * Without what depends on the run or the try: the seeder's address, bytes that were moved, and which messages an
 * earlier try had stored.
 */
function comparable({ events, ...rest }: Snapshot): unknown {
  const known = events.map((event) => {
    const { id, payload } = event as { id: string; payload: Record<string, number> }
    const { downloadedBytes: _, messagesImported = 0, messagesKnown = 0, ...others } = payload
    return { id, ...others, messages: messagesImported + messagesKnown }
  })
  return JSON.parse(JSON.stringify({ ...rest, events: known }).replaceAll(/x\.pe=[^"]*/g, ''))
}

it('fetcher › comes to the same when any effect fails once, so an index is never there before its data', async () => {
  const calm = new Faults()
  await using undisturbed = await openScene()
  const expected = await live(undisturbed, calm)
  for (const [at, moment] of calm.moments.entries()) {
    await using scene = await openScene()
    expect({ moment, outcome: await live(scene, new Faults(at)) }).toEqual({ moment, outcome: expected })
  }
  expect(calm.moments.length).toBeGreaterThan(40)
})
