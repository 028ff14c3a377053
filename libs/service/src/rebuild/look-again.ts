import type { Collection, StateStore } from '@annals/storage'
import { StoredDocumentError, VersionConflictError, downloads, finishedRanges } from '@annals/storage'
import type { EventBus } from '@annals/events'
import type { WorkInHand } from './catalogues.ts'
import type { Comparison, FieldDifference } from './comparison.ts'
import type { ProjectedCollection, RawRow } from './projected-collections.ts'
import { projectedCollections } from './projected-collections.ts'
import { readDecodable } from './read-decodable.ts'
import type { RebuiltCommunity, Until } from './rebuilt-community.ts'
import { evolveRebuilt, initialRebuilt } from './rebuilt-community.ts'

/** What came of one collection of a community. */
export interface Finding {
  readonly collection: string
  readonly communityId: string
  readonly kind: Comparison['kind']
  /** Where it is different. */
  readonly fields: readonly FieldDifference[]
  /** True where the row is now as the log has it. */
  readonly repaired: boolean
}

export interface LookOptions {
  readonly signal: AbortSignal
  /** Rewrites what differs and what the log tells whole. */
  readonly repair: boolean
}

interface Stores {
  readonly bus: EventBus
  readonly state: StateStore
}

type Rows = ReadonlyMap<ProjectedCollection, RawRow | undefined>

/**
 * Compares one community's rows with the log, taking its time: each row at the position that it says itself, and a
 * difference only counts if the row was not written while the log was read. So services may be at work meanwhile.
 */
export async function lookAgain(stores: Stores, communityId: string, options: LookOptions): Promise<Finding[]> {
  const repaired = new Map<string, Finding>()
  for (;;) {
    options.signal.throwIfAborted()
    const rows = await readRows(stores.state, communityId)
    const inHand = await workInHand(stores.state, communityId)
    const rebuilt = await rebuildCommunity(stores.bus, communityId, untilOf(rows), options.signal)
    const findings = projectedCollections.map((collection) =>
      find(communityId, collection, rows.get(collection), rebuilt, inHand),
    )
    const different = findings.filter(({ kind }) => kind === 'different')
    if (different.length > 0 && !areSame(rows, await readRows(stores.state, communityId))) continue
    const open = options.repair ? different.filter(({ collection }) => !repaired.has(collection)) : []
    if (open.length > 0 && (await repairSome(stores.state, open, rows, rebuilt.atEnd, repaired))) continue
    return findings.map((finding) =>
      finding.kind === 'different' ? finding : (repaired.get(finding.collection) ?? finding),
    )
  }
}

async function readRows(state: StateStore, communityId: string): Promise<Rows> {
  const rows = new Map<ProjectedCollection, RawRow | undefined>()
  for (const collection of projectedCollections)
    rows.set(collection, await state.collection(collection.stored).get(communityId))
  return rows
}

async function workInHand(state: StateStore, communityId: string): Promise<WorkInHand> {
  const finished = await readable(state.collection(finishedRanges), communityId)
  const download = await readable(state.collection(downloads), communityId)
  return { finishedTo: finished?.to, wanted: download?.wanted }
}

/** What cannot be read says of nothing that it is in hand. */
async function readable<T>(collection: Collection<T>, id: string): Promise<T | undefined> {
  try {
    return (await collection.get(id))?.value
  } catch (error) {
    if (error instanceof StoredDocumentError) return undefined
    throw error
  }
}

interface RebuiltTwice {
  /** At the position of the rows that have one, else at the log's end. */
  readonly atRows: RebuiltCommunity
  readonly atEnd: RebuiltCommunity
}

async function rebuildCommunity(
  bus: EventBus,
  communityId: string,
  until: Until,
  signal: AbortSignal,
): Promise<RebuiltTwice> {
  let atRows = initialRebuilt(communityId)
  let atEnd = atRows
  for await (const event of readDecodable(bus, { communityId, signal })) {
    atRows = evolveRebuilt(atRows, event, until)
    atEnd = evolveRebuilt(atEnd, event)
  }
  return { atRows, atEnd }
}

/** Where a row says how far it is. */
function untilOf(rows: Rows): Until {
  const positions = new Map([...rows].map(([{ name }, row]) => [name, positionOf(row?.value)]))
  return {
    community: positions.get('communities') ?? Infinity,
    schedule: positions.get('schedules') ?? Infinity,
  }
}

function positionOf(value: unknown): number | undefined {
  const { lastSequence, schedule } = (value ?? {}) as { lastSequence?: unknown; schedule?: { lastSequence?: unknown } }
  const position = lastSequence ?? schedule?.lastSequence
  return typeof position === 'number' ? position : undefined
}

function find(
  communityId: string,
  collection: ProjectedCollection,
  row: RawRow | undefined,
  { atRows, atEnd }: RebuiltTwice,
  inHand: WorkInHand,
): Finding {
  const comparison = collection.compare(atRows, row, inHand)
  const behind = comparison.kind === 'same' && collection.compare(atEnd, row, inHand).kind !== 'same'
  return {
    collection: collection.name,
    communityId,
    kind: behind ? 'behind' : comparison.kind,
    fields: comparison.kind === 'different' ? comparison.fields : [],
    repaired: false,
  }
}

function areSame(some: Rows, others: Rows): boolean {
  return projectedCollections.every((collection) => some.get(collection)?.version === others.get(collection)?.version)
}

/** Writes what can be written, and remembers it. @returns true where there is a reason to look once more */
async function repairSome(
  state: StateStore,
  different: readonly Finding[],
  rows: Rows,
  log: RebuiltCommunity,
  repaired: Map<string, Finding>,
): Promise<boolean> {
  const before = repaired.size
  for (const finding of different) {
    const collection = projectedCollections.find(({ name }) => name === finding.collection)
    try {
      if ((await collection?.rewrite(state, finding.communityId, log, rows.get(collection))) === true)
        repaired.set(finding.collection, { ...finding, repaired: true })
    } catch (error) {
      if (error instanceof VersionConflictError) return true
      throw error
    }
  }
  return repaired.size > before
}
