import type { ServiceContext } from '@annals/service'
import { systemClock } from '@annals/service'
import type { TestNode } from '@annals/service/testing'
import { Faults, addControlled, eventsOf, log, openTestNode, waitForEvent } from '@annals/service/testing'
import type { FetchProbe, Versioned } from '@annals/storage'
import { catalogues, dispatches, fetchProbes, updateDocument } from '@annals/storage'
import type { Stranger, StrangerReport } from '@annals/torrents'
import { decodeMagnetLink } from '@annals/archive'
import { eventId } from '@annals/events'
import { describe, expect, it } from 'vitest'
import { DueFetchProbes } from './due-fetch-probes.ts'
import { probeArchives } from './probe-archives.ts'
import { prober } from './prober.ts'
import { leaveAnnounced } from './testing/leave-announced.ts'
import { watchArchives } from './watch-archives.ts'

const { signal } = new AbortController()
const beatSeconds = 1_000
const env = { ANNALS_FETCH_PROBE_SECONDS: String(beatSeconds) }
const hurried = { ANNALS_FETCH_PROBE_SECONDS: '1', ANNALS_FETCH_STALL_SECONDS: '1' }

interface ScriptedStranger extends Stranger {
  readonly looks: readonly Parameters<Stranger['look']>[0][]
}

/** One that finds what a test says, the last finding again and again. */
function strangerWho(...failures: readonly StrangerReport['failure'][]): ScriptedStranger {
  const looks: Parameters<Stranger['look']>[0][] = []
  return {
    looks,
    async look(request) {
      looks.push(request)
      const failure = failures[Math.min(looks.length, failures.length) - 1]
      const { infoHash } = decodeMagnetLink(request.magnetLink)
      return { infoHash, failure, detail: '', peers: 1, downloadedBytes: 9, milliseconds: 7, webSeeds: [] }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

async function announce(context: ServiceContext, number = 7): Promise<{ communityId: string; infoHash: string }> {
  const communityId = await addControlled(context, number)
  const { infoHash } = await leaveAnnounced(context, communityId)
  await watchArchives(context, communityId)
  return { communityId, infoHash }
}

/** The row that is due next, claimed; its time has come. */
async function claim({ state }: ServiceContext): Promise<Versioned<FetchProbe>> {
  const row = await state.collection(fetchProbes).claimDue({ owner: 'test', now: Infinity, leaseSeconds: 1 })
  if (row === undefined) throw new Error('no archive is to be looked for')
  return row
}

async function probe(context: ServiceContext, stranger: Stranger): Promise<void> {
  await probeArchives(context, stranger, await claim(context), signal)
}

async function probeOf({ state }: ServiceContext, communityId: string): Promise<FetchProbe | undefined> {
  return (await state.collection(fetchProbes).get(communityId))?.value
}

async function said(context: ServiceContext, communityId: string): Promise<string[]> {
  return (await log(context, communityId)).filter((id) => /^Archives(Unr|R)eachable/.test(id))
}

describe('prober › fetches as a stranger', () => {
  it('what a seeder serves, says so once, and says when it is gone and when it is there again', async () => {
    await using node = await openTestNode({ env: hurried })
    const { context } = node
    const { communityId, infoHash } = await announce(context)
    await node.start(prober)
    const reached = await waitForEvent(context, communityId, 'ArchivesReachable')
    expect(reached.payload).toMatchObject({ infoHash, peers: 1 })
    expect(reached.payload.downloadedBytes).toBeGreaterThan(0)
    await context.torrents.unseed(communityId, infoHash)
    const lost = await waitForEvent(context, communityId, 'ArchivesUnreachable')
    expect(lost.payload).toMatchObject({ infoHash, failure: 'no-peers', peers: 0 })
    await leaveAnnounced(context, communityId)
    await waitForEvent(context, communityId, 'ArchivesReachable', lost.sequence)
    const ids = ['ArchivesReachable', 'ArchivesUnreachable', 'ArchivesReachable']
    expect(await said(context, communityId)).toEqual(ids.map((name, at) => `${name}/${infoHash}/${at + 1}`))
  }, 60_000)

  it('as soon as it is announced, or archiving is on again, without another look for what is announced once more', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const communityId = await addControlled(context)
    const { infoHash } = await leaveAnnounced(context, communityId)
    await node.start(prober)
    const dispatched = (clockMilliseconds: number): Promise<unknown> =>
      context.bus.publish({
        id: eventId('MagnetLinkDispatched', communityId, clockMilliseconds),
        name: 'MagnetLinkDispatched',
        communityId,
        payload: { infoHash, magnetLink: '', clockMilliseconds, chatIds: [] },
      })
    await dispatched(1)
    await expect.poll(() => probeOf(context, communityId)).toMatchObject({ infoHash, failures: 0 })
    const first = await context.state.collection(fetchProbes).get(communityId)
    expect(first?.value.dueAt).toBeLessThanOrEqual(systemClock.nowSeconds() + beatSeconds)
    await dispatched(2)
    const version = async (): Promise<number> =>
      (await context.state.collection(fetchProbes).get(communityId))?.version ?? 0
    await expect.poll(version).toBeGreaterThan(first?.version ?? 0)
    expect((await probeOf(context, communityId))?.dueAt).toBe(first?.value.dueAt)
  })

  it('with samples of the newest archive and of all data, and the link that went out', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId } = await announce(context)
    const stranger = strangerWho(undefined)
    await probe(context, stranger)
    const catalogue = (await context.state.collection(catalogues).get(communityId))?.value
    const { offsetBytes, sizeBytes } = catalogue!.archives[0]!
    expect(stranger.looks).toMatchObject([
      {
        communityId,
        magnetLink: catalogue!.torrent!.magnetLink,
        samples: [{ offsetBytes, sizeBytes }, { offsetBytes: 0 }],
      },
    ])
    const row = await probeOf(context, communityId)
    expect(row?.dueAt).toBeGreaterThanOrEqual(systemClock.nowSeconds() + 0.75 * beatSeconds - 5)
    expect(row).toMatchObject({ failures: 0, fetchedAt: expect.any(Number) as number })
  })

  it('and takes one failure for none, but looks again soon', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId, infoHash } = await announce(context)
    const stranger = strangerWho('no-peers', 'no-index', 'no-index', undefined)
    await probe(context, stranger)
    const once = await probeOf(context, communityId)
    expect(once).toMatchObject({ failures: 1, failure: 'no-peers' })
    expect(once?.dueAt).toBeLessThan(systemClock.nowSeconds() + beatSeconds / 2)
    expect(await said(context, communityId)).toEqual([])
    for (let looks = 0; looks < 3; looks += 1) await probe(context, stranger)
    const [lost] = await eventsOf(context, communityId, 'ArchivesUnreachable')
    expect(lost?.payload).toMatchObject({ infoHash, failure: 'no-index', since: once?.failedSince })
    expect(await said(context, communityId)).toEqual([
      `ArchivesUnreachable/${infoHash}/1`,
      `ArchivesReachable/${infoHash}/2`,
    ])
    expect(await probeOf(context, communityId)).not.toHaveProperty('failedSince')
  })

  it('and says of each torrent whether it is to be had', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId, infoHash } = await announce(context)
    await probe(context, strangerWho(undefined))
    const newer = await leaveAnnounced(context, communityId, { from: 2_000 })
    await watchArchives(context, communityId)
    await probe(context, strangerWho(undefined))
    // As after a history that was set back.
    await leaveAnnounced(context, communityId)
    await watchArchives(context, communityId)
    await probe(context, strangerWho(undefined))
    expect(await said(context, communityId)).toEqual(
      [infoHash, newer.infoHash, infoHash].map((hash, at) => `ArchivesReachable/${hash}/${at + 1}`),
    )
  })

  it('but not what something newer is about to take the place of, or took the place of meanwhile', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId } = await announce(context)
    const replace = (): Promise<unknown> =>
      updateDocument(context.state.collection(catalogues), communityId, (value) => ({
        ...value!,
        torrent: { ...value!.torrent!, infoHash: 'f'.repeat(40) },
      }))
    const stranger = strangerWho('no-peers')
    const late: Stranger = {
      ...stranger,
      async look(request) {
        await replace()
        return stranger.look(request)
      },
    }
    await probe(context, late)
    expect(await probeOf(context, communityId)).toMatchObject({ failures: 0 })
    await probe(context, stranger)
    expect(stranger.looks).toHaveLength(1)
    await updateDocument(context.state.collection(dispatches), communityId, (value) => ({ ...value!, message: '' }))
    await probe(context, stranger)
    expect(stranger.looks).toHaveLength(1)
  })

  it('for as long as it is announced here, and again when archiving is on again', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId } = await announce(context)
    const stranger = strangerWho('no-peers')
    for (let looks = 0; looks < 2; looks += 1) await probe(context, stranger)
    await context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
    await probe(context, stranger)
    const row = await probeOf(context, communityId)
    expect(row).toMatchObject({ failures: 0 })
    expect(row).not.toHaveProperty('dueAt')
    await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
    await watchArchives(context, communityId)
    await probe(context, strangerWho(undefined))
    expect((await said(context, communityId)).map((id) => id.split('/')[0])).toEqual([
      'ArchivesUnreachable',
      'ArchivesReachable',
    ])
  })

  it('and keeps what a newer version has in its row beside that', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId } = await announce(context)
    await updateDocument(context.state.collection(fetchProbes), communityId, (value) => ({ ...value!, newer: 1 }))
    const stranger = strangerWho('no-peers', 'no-peers', undefined)
    for (let looks = 0; looks < 3; looks += 1) {
      await probe(context, stranger)
      expect(await probeOf(context, communityId)).toHaveProperty('newer', 1)
    }
    await context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
    await probe(context, stranger)
    expect(await probeOf(context, communityId)).toHaveProperty('newer', 1)
  })

  it('and leaves it to another process where it is told to stop meanwhile', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId } = await announce(context)
    const stopping = new AbortController()
    const stranger: Stranger = {
      look: () => {
        stopping.abort()
        return Promise.reject(new TypeError('stopped'))
      },
      [Symbol.asyncDispose]: async () => {},
    }
    const row = await claim(context)
    await probeArchives(context, stranger, row, stopping.signal)
    expect(await probeOf(context, communityId)).toEqual(row.value)
  })

  it('not at all where that is switched off', async () => {
    await using node = await openTestNode({ env: { ANNALS_FETCH_PROBE_SECONDS: '0' } })
    const { communityId } = await announce(node.context)
    await node.start(prober)
    expect(await probeOf(node.context, communityId)).toBeUndefined()
  })

  it('once for each community, however many probers there are, and a few at once', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const communityIds: string[] = []
    for (let number = 1; number <= 10; number += 1) communityIds.push((await announce(context, number)).communityId)
    const rows = context.state.collection(fetchProbes)
    for await (const { id, version, value } of rows.list()) await rows.put(id, { ...value, dueAt: 0 }, version)
    let now = 0
    let most = 0
    const stranger = strangerWho(undefined)
    const counting: Stranger = {
      ...stranger,
      async look(request) {
        now += 1
        most = Math.max(most, now)
        await new Promise((resolve) => setImmediate(resolve))
        now -= 1
        return stranger.look(request)
      },
    }
    await using _one = new DueFetchProbes(context, counting)
    await using _other = new DueFetchProbes(context, counting)
    for (const communityId of communityIds)
      await expect.poll(async () => (await probeOf(context, communityId))?.fetchedAt, { timeout: 10_000 }).toBeDefined()
    expect(stranger.looks.map(({ communityId }) => communityId).toSorted()).toEqual(communityIds.toSorted())
    expect(most).toBeLessThanOrEqual(8)
  })

  it('and keeps what a stranger of its own cannot do for later', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId } = await announce(context)
    const rows = context.state.collection(fetchProbes)
    await updateDocument(rows, communityId, (value) => ({ ...value!, dueAt: 0 }))
    const before = await rows.get(communityId)
    const { promise, resolve } = Promise.withResolvers<void>()
    const failing: Stranger = {
      look: () => {
        resolve()
        return Promise.reject(new TypeError('cannot listen'))
      },
      [Symbol.asyncDispose]: async () => {},
    }
    {
      await using _probes = new DueFetchProbes(context, failing)
      await promise
    }
    expect((await rows.get(communityId))?.value).toEqual(before?.value)
    expect(await said(context, communityId)).toEqual([])
  })
})

describe('prober › says each change exactly once, when any effect fails once', () => {
  const stories: readonly { readonly name: string; readonly findings: readonly StrangerReport['failure'][] }[] = [
    { name: 'to be had', findings: [undefined] },
    { name: 'out of reach, and to be had again', findings: ['no-peers', undefined] },
  ]
  it.for(stories)('$name', { timeout: 60_000 }, async ({ findings }) => {
    await using node: TestNode = await openTestNode({ env })
    const { context } = node
    for (let at = 0; ; at += 1) {
      const { communityId, infoHash } = await announce(context, at + 1)
      const faults = new Faults(at)
      const faulty = { ...context, ...faults.wrap(context) }
      let failed = false
      for (const finding of findings) {
        // One of them may come to nothing; one that succeeds is enough, and two that fail.
        for (let looks = finding === undefined ? 1 : 0; looks < 3; looks += 1) {
          try {
            await probe(faulty, strangerWho(finding))
          } catch {
            failed = true
          }
        }
      }
      const names = findings.map((failure) => (failure === undefined ? 'ArchivesReachable' : 'ArchivesUnreachable'))
      expect(await said(context, communityId)).toEqual(names.map((name, each) => `${name}/${infoHash}/${each + 1}`))
      // The next one is to be found due alone.
      await updateDocument(context.state.collection(fetchProbes), communityId, (value) => ({
        ...value!,
        dueAt: undefined,
      }))
      if (failed) continue
      expect(faults.moments).toContain('after bus.publish')
      break
    }
  })

  it('and the same event where another process finds it half said', async () => {
    await using node = await openTestNode({ env })
    const { context } = node
    const { communityId, infoHash } = await announce(context)
    const silent = { ...context, bus: { ...context.bus, publish: () => Promise.reject(new TypeError('away')) } }
    await probe(silent, strangerWho(undefined)).catch(() => {})
    const intended = (await probeOf(context, communityId))?.said
    expect(intended).toMatchObject({ number: 1, reachable: true })
    expect(await said(context, communityId)).toEqual([])
    // What the next one finds is another thing; what was to be said comes first, as it was to be said.
    await probe(context, strangerWho('no-data'))
    const [reached] = await eventsOf(context, communityId, 'ArchivesReachable')
    expect(reached?.payload).toEqual({ infoHash, peers: 1, downloadedBytes: 9, milliseconds: 7, webSeed: undefined })
    expect(await said(context, communityId)).toEqual([`ArchivesReachable/${infoHash}/1`])
  })
})
