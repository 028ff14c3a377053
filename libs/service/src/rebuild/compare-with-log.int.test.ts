import type { StateStore } from '@annals/storage'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { UndecodableEventError, eventId } from '@annals/events'
import { communities, schedules } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import type { ServiceContext } from '../service.ts'
import { addControlled, privateKeyOf } from '../testing/communities.ts'
import { openTestNode } from '../testing/open-test-node.ts'
import type { CompareOptions, CompareSummary } from './compare-with-log.ts'
import { compareWithLog } from './compare-with-log.ts'
import type { Finding } from './look-again.ts'

/** As a scheduler keeps it, though nobody decides anything here. */
async function scheduleRow(context: ServiceContext, communityId: string): Promise<void> {
  await compareWithLog(context, {
    signal: new AbortController().signal,
    communityId,
    repair: true,
    onDifference: () => undefined,
  })
}

async function node(): Promise<Awaited<ReturnType<typeof openTestNode>> & { readonly communityId: string }> {
  const node = await openTestNode()
  const communityId = await addControlled(node.context)
  await scheduleRow(node.context, communityId)
  return { ...node, communityId }
}

interface Compared extends CompareSummary {
  readonly findings: Finding[]
}

async function compare(
  stores: Pick<ServiceContext, 'bus' | 'state'>,
  options: Partial<CompareOptions> = {},
): Promise<Compared> {
  const findings: Finding[] = []
  const { signal } = new AbortController()
  const summary = await compareWithLog(stores, {
    signal,
    ...options,
    onDifference: (finding) => void findings.push(finding),
  })
  return { ...summary, findings }
}

describe('compareWithLog', () => {
  it('takes a row that has not taken in the last events for behind, not for wrong', async () => {
    await using there = await node()
    const { context, communityId } = there
    const id = eventId('ArchivingDisabled', communityId, 'now')
    await context.bus.publish({ id, name: 'ArchivingDisabled', communityId, payload: {} })
    expect(await compare(context)).toMatchObject({ different: 0, behind: 2 })
    await context.registry.get(communityId)
    expect(await compare(context)).toMatchObject({ different: 0, behind: 1 })
  })

  it('finds a row behind wrong where it is not what the log said by then', async () => {
    await using there = await node()
    const { context, communityId } = there
    const rows = context.state.collection(communities)
    const row = await rows.get(communityId)
    if (row === undefined) throw new Error('there is no row')
    await rows.put(communityId, { ...row.value, joined: false, archivingOn: false }, row.version)
    const id = eventId('CommunityLeft', communityId, 'now')
    await context.bus.publish({ id, name: 'CommunityLeft', communityId, payload: {} })
    const { findings, different } = await compare(context)
    expect(different).toBe(1)
    expect(findings[0]?.fields.map(({ field }) => field)).toEqual(['joined', 'archivingOn'])
  })

  it('counts nothing that was written while it looked', async () => {
    await using there = await node()
    const { context, communityId } = there
    const before = await context.registry.get(communityId)
    let reads = 0
    // Somebody is always faster: the first readings show what the row was before.
    const state: StateStore = new Proxy(context.state, {
      get: (target, key) =>
        key === 'collection'
          ? (definition: { name: string; parse(value: unknown): unknown }) => {
              const rows = target.collection(definition)
              if (definition.name !== communities.name) return rows
              return {
                list: () => rows.list(),
                async get(id: string) {
                  const row = await rows.get(id)
                  reads += 1
                  return reads > 3 || row === undefined
                    ? row
                    : { ...row, version: -reads, value: { ...before, name: 'old' } }
                },
              }
            }
          : (Reflect.get(target, key) as unknown),
    })
    const { findings } = await compare({ bus: context.bus, state }, { communityId })
    expect(findings).toEqual([])
    expect(reads).toBeGreaterThan(3)
  })

  it('finds and mends a row that nobody can read', async () => {
    await using there = await node()
    const { context, communityId } = there
    const raw = context.state.collection({ name: schedules.name, parse: (value: unknown) => value })
    const row = await raw.get(communityId)
    await raw.put(communityId, { schedule: 'nonsense' }, row?.version ?? 0)
    expect((await compare(context)).findings).toMatchObject([{ collection: 'schedules', fields: [{ field: 'row' }] }])
    expect(await compare(context, { repair: true })).toMatchObject({ different: 1, repaired: 1 })
    expect(await compare(context)).toMatchObject({ different: 0 })
    expect((await context.state.collection(schedules).get(communityId))?.value.dueAt).toBe(0)
  })

  it('mends a row that somebody writes at the same moment, as it is then', async () => {
    await using there = await node()
    const { context, communityId } = there
    const rows = context.state.collection(communities)
    const row = await rows.get(communityId)
    if (row === undefined) throw new Error('there is no row')
    await rows.put(communityId, { ...row.value, name: 'wrong' }, row.version)
    let raced = false
    const state: StateStore = new Proxy(context.state, {
      get: (target, key) =>
        key === 'collection'
          ? (definition: typeof communities) => {
              const inner = target.collection(definition)
              if (definition.name !== communities.name) return inner
              return {
                list: () => inner.list(),
                get: (id: string) => inner.get(id),
                async put(...args: Parameters<typeof inner.put>) {
                  if (!raced) await rows.put(communityId, { ...row.value, name: 'also wrong' }, row.version + 1)
                  raced = true
                  return inner.put(...args)
                },
              }
            }
          : (Reflect.get(target, key) as unknown),
    })
    const { findings } = await compare({ bus: context.bus, state }, { repair: true })
    expect(findings).toMatchObject([{ repaired: true, fields: [{ field: 'name', there: 'also wrong' }] }])
    expect((await rows.get(communityId))?.value).toEqual(row.value)
  })

  it('comes to the same in slices as at once', async () => {
    await using there = await node()
    const { context } = there
    for (let number = 20; number < 40; number += 1) await addControlled(context, number)
    const [whole, sliced] = [await compare(context), await compare(context, { maxWeight: 30 })]
    expect(sliced).toEqual(whole)
    expect(whole).toMatchObject({ communities: 21, events: 42, rows: 22, different: 20 })
  })

  it('goes on over an event that does not decode, and says where it stands', async () => {
    await using there = await node()
    const { context, communityId } = there
    const other = communityIdOfPrivateKey(privateKeyOf(9))
    const bus = new Proxy(context.bus, {
      get: (target, key) =>
        key === 'read'
          ? async function* (options: { after: number }) {
              if (options.after < 1) throw new UndecodableEventError(1, `Unseeded/${other}/x`, 'Unseeded', 'cut')
              yield* target.read(options)
            }
          : typeof target[key as keyof typeof target] === 'function'
            ? (Reflect.get(target, key) as () => unknown).bind(target)
            : (Reflect.get(target, key) as unknown),
    })
    const { findings } = await compare({ bus, state: context.state })
    expect(findings.filter(({ collection }) => collection === 'events')).toMatchObject([
      { communityId: other, fields: [{ field: 'position 1' }] },
    ])
    expect(findings.some((finding) => finding.communityId === communityId)).toBe(true)
  })

  it('says how far it is, and ends with the reason when it is told to', async () => {
    await using there = await node()
    const { context } = there
    const steps: number[] = []
    await compare(context, { onProgress: (_, done) => steps.push(done) })
    expect(steps).toEqual([1, 2])
    const reason = new Error('enough')
    await expect(compare(context, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const { signal } = new AbortController()
    const late = new AbortController()
    const rejected = compare(context, {
      signal: AbortSignal.any([signal, late.signal]),
      onProgress: () => late.abort(reason),
    })
    await expect(rejected).rejects.toBe(reason)
  })
})
