import type { StateStore } from '@annals/storage'
import type { EventBus, UndecodableEventError } from '@annals/events'
import { pause } from '../pause.ts'
import type { Finding } from './look-again.ts'
import { lookAgain } from './look-again.ts'
import { projectedCollections } from './projected-collections.ts'
import type { Slice } from './rebuild-log.ts'
import { rebuildLog } from './rebuild-log.ts'
import { initialRebuilt } from './rebuilt-community.ts'

export interface CompareOptions {
  readonly signal: AbortSignal
  /** Only this community; all where absent. */
  readonly communityId?: string
  /** Rewrites the rows that differ, of the collections that the log tells whole. */
  readonly repair?: boolean
  /** What is different, as it is found. Rejections end the comparison. */
  readonly onDifference: (finding: Finding) => Promise<void> | void
  /** How far the reading of the log, and then the second look at what seemed different, are. */
  readonly onProgress?: (step: 'read' | 'look-again', done: number, total: number) => void
  /**
   * How long services that are at work get to finish what they are in the midst of, before a second look at what seemed
   * different.
   */
  readonly settleMilliseconds?: number
  /** See `RebuildOptions`. */
  readonly maxWeight?: number
}

/** What a comparison came to. */
export interface CompareSummary {
  /** Events that were taken in. */
  events: number
  /** Communities that the log knows. */
  communities: number
  /** Rows that were compared. */
  rows: number
  /** Rows that are not what the log says. */
  different: number
  /** Of these, rows that are so now. */
  repaired: number
  /** Rows that have not taken in the last events yet; whoever needs them brings them up to date. */
  behind: number
  /** Rows that hold work of which the event is still to be published. */
  ahead: number
}

/** Some 200 MB. */
const defaultMaxWeight = 500_000

/**
 * Rebuilds the state of every community from the log and compares it with what the store holds. First the log is read as
 * it stands and every row is compared with it; what is not the same then is looked at again on its own, so that nothing
 * that a service wrote meanwhile counts. Memory is bounded, whatever the number of communities.
 * @throws what the bus and the store throw; the signal's reason
 */
export async function compareWithLog(
  stores: { readonly bus: EventBus; readonly state: StateStore },
  options: CompareOptions,
): Promise<CompareSummary> {
  const summary: CompareSummary = { events: 0, communities: 0, rows: 0, different: 0, repaired: 0, behind: 0, ahead: 0 }
  const { communityId } = options
  if (communityId === undefined) return compareAll(stores, options, summary)
  const findings = await lookAgain(stores, communityId, { repair: false, ...options })
  summary.communities = 1
  summary.rows = findings.length
  await takeIn(findings, options, summary)
  return summary
}

async function compareAll(
  stores: { readonly bus: EventBus; readonly state: StateStore },
  options: CompareOptions,
  summary: CompareSummary,
): Promise<CompareSummary> {
  const { signal, onProgress, onDifference, settleMilliseconds = 0, maxWeight = defaultMaxWeight } = options
  const total = await stores.bus.lastSequence()
  const undecodable: UndecodableEventError[] = []
  const suspects: string[] = []
  const slices = rebuildLog(stores.bus, {
    signal,
    maxWeight,
    onEvent: (sequence) => onProgress?.('read', Math.min(sequence, total), total),
    onUndecodable: (error) => undecodable.push(error),
  })
  for await (const slice of slices) {
    summary.communities += slice.communities.size
    for (const { events } of slice.communities.values()) summary.events += events
    suspects.push(...(await findSuspects(stores.state, slice, signal, summary)))
  }
  for (const error of undecodable) {
    summary.different++
    await onDifference(undecodableFinding(error))
  }
  if (suspects.length > 0) await pause(settleMilliseconds, signal)
  for (const [done, suspect] of suspects.entries()) {
    onProgress?.('look-again', done, suspects.length)
    await takeIn(await lookAgain(stores, suspect, { repair: false, ...options }), options, summary)
  }
  return summary
}

/** Communities of which a row is not simply what the log says, by id. */
async function findSuspects(
  state: StateStore,
  { from, until, communities }: Slice,
  signal: AbortSignal,
  summary: CompareSummary,
): Promise<string[]> {
  const suspects = new Set<string>()
  for (const collection of projectedCollections) {
    const withoutRow = new Set(communities.keys())
    for await (const row of state.collection(collection.stored).list()) {
      signal.throwIfAborted()
      if (row.id < from || (until !== undefined && row.id >= until)) continue
      withoutRow.delete(row.id)
      summary.rows++
      const log = communities.get(row.id) ?? initialRebuilt(row.id)
      if (collection.compare(log, row).kind !== 'same') suspects.add(row.id)
    }
    for (const id of withoutRow)
      if (collection.compare(communities.get(id) ?? initialRebuilt(id), undefined).kind !== 'same') suspects.add(id)
  }
  return [...suspects].sort()
}

async function takeIn(findings: readonly Finding[], options: CompareOptions, summary: CompareSummary): Promise<void> {
  for (const finding of findings) {
    if (finding.kind === 'same') continue
    summary[finding.kind]++
    if (finding.kind !== 'different') continue
    if (finding.repaired) summary.repaired++
    await options.onDifference(finding)
  }
}

function undecodableFinding({ eventId, sequence, message }: UndecodableEventError): Finding {
  return {
    collection: 'events',
    communityId: eventId.split('/')[1] ?? '',
    kind: 'different',
    fields: [{ field: `position ${sequence}`, log: undefined, there: message }],
    repaired: false,
  }
}
