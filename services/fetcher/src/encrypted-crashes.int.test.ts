import type { Snapshot, TestNode } from '@annals/service/testing'
import type { Announcement } from '@annals/storage'
import { Faults, InjectedFault, addMember, openTestNode, snapshot } from '@annals/service/testing'
import { waitingArchives } from '@annals/storage'
import { expect, it } from 'vitest'
import { fetchArchives } from './fetch-archives.ts'
import { encryptedWeeks, groupKey } from './testing/encrypted-weeks.ts'
import { communityId } from './testing/open-scene.ts'
import { importWaiting } from './waiting-archives.ts'

const { signal } = new AbortController()

/** The index waits for its key, then an archive for its own, then nothing. What fails is tried again. */
async function live(wanted: Announcement, faults: Faults): Promise<unknown> {
  await using member = await openTestNode()
  const { context } = member
  await addMember(context, communityId)
  const faulty = { ...context, ...faults.wrap(context) }
  const attempt = async (): Promise<void> => {
    await importWaiting(faulty, communityId, signal)
    await fetchArchives(faulty, communityId, wanted, signal)
  }
  for (const number of [0, 2, 1]) {
    if (number > 0) await context.keys.groups.putRead(communityId, groupKey(number))
    await attempt().catch(async (error: unknown) => {
      if (!(error instanceof InjectedFault)) throw error
      await attempt()
    })
  }
  return await comparable(member, await snapshot(context, communityId))
}

/** Without what depends on the try: bytes that were moved, and which messages an earlier one had stored. */
async function comparable({ context }: TestNode, { events, ...rest }: Snapshot): Promise<unknown> {
  const waiting = await Array.fromAsync(context.state.collection(waitingArchives).list())
  const known = events.map((event) => {
    const { id, payload } = event as { id: string; payload: Record<string, number> }
    const { downloadedBytes: _, messagesImported = 0, messagesKnown = 0, ...others } = payload
    return { id, ...others, messages: messagesImported + messagesKnown }
  })
  return { ...rest, events: known, waiting }
}

it('fetcher › loses and doubles nothing that waits for a key when any effect fails once', async () => {
  await using seeder = await openTestNode()
  // Neither archive could be made again: the nonces are random.
  const torrent = await encryptedWeeks([1, 2], 2)
  const magnetLink = await torrent.serve(seeder.context.torrents)
  const wanted = { infoHash: torrent.torrent.infoHash, magnetLink, clockMilliseconds: 5 }
  const calm = new Faults()
  const expected = await live(wanted, calm)
  expect(expected).toMatchObject({ waiting: [], messages: { length: 4 } })
  for (const [at, moment] of calm.moments.entries())
    expect({ moment, outcome: await live(wanted, new Faults(at)) }).toEqual({ moment, outcome: expected })
  expect(calm.moments.length).toBeGreaterThan(60)
})
