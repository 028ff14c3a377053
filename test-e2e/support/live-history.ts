import type { ImportRecord } from '@annals/imports'
import { listExportFiles, readExport } from '@annals/imports'
import { addControlled, addMember, enable, waitUntilServed, week } from './chronicle.ts'
import { outcomeOf } from './live-chronicle.ts'
import type { Outcome } from './live-chronicle.ts'
import type { LivingNode } from './living-node.ts'
import type { Stage } from './stage.ts'

/** A real history. */
export interface History {
  readonly records: readonly ImportRecord[]
  /** When its last week ends, Unix seconds. */
  readonly sealAt: number
}

/** Every record of an export once, as the import counts them. @throws Error for one that cannot be read */
export async function readHistory(path: string): Promise<History> {
  const records = new Map<string, ImportRecord>()
  for (const { file } of await listExportFiles(path))
    for await (const batch of readExport(file)) {
      if (batch.setAside.length > 0) throw new Error(`${file} holds what is no record`)
      for (const record of batch.records) records.set(record.sourceId, record)
    }
  const times = [...records.values()].map(({ timestamp }) => timestamp)
  const first = Math.min(...times)
  const weeks = Math.floor((Math.max(...times) - first) / week) + 1
  return { records: [...records.values()], sealAt: first + weeks * week }
}

/** A control node takes a history in, seals and announces it, and a member that joins brings it. */
export async function liveHistory(
  stage: Stage,
  { records }: History,
  [control, member]: readonly [LivingNode, LivingNode],
): Promise<Outcome> {
  const communityId = await addControlled(control)
  await control.run((node) => node.import(communityId, records, () => undefined))
  await enable(control, communityId)
  const { infoHash } = await control.run((node) => node.event('MagnetLinkDispatched'))
  await addMember(member, communityId)
  await waitUntilServed(member, infoHash)
  return outcomeOf(stage, [control, member], { communityId, source: records, infoHashes: [infoHash] })
}
