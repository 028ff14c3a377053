import type { StoredEvent } from '@annals/events'
import type { Seeding } from '@annals/storage'
import type { Comparison } from './comparison.ts'
import { comparisonOf, differingFields, wholeRow } from './comparison.ts'
import { idParts } from './id-parts.ts'

/** What the log says of a community's seeding. */
export type SeedingProjection = Pick<Seeding, 'current' | 'starts'>

export const initialSeedingProjection: SeedingProjection = { starts: 0 }

/** The count of starts stands in the ids of both events. */
export function evolveSeeding(seeding: SeedingProjection, event: StoredEvent): SeedingProjection {
  if (event.name === 'SeedingStarted') {
    const { infoHash, generation } = event.payload
    return { current: { infoHash, generation }, starts: startsIn(seeding, event) }
  }
  if (event.name !== 'Unseeded') return seeding
  const { current } = seeding
  const stays = current !== undefined && current.infoHash !== event.payload.infoHash
  return { ...(stays && { current }), starts: startsIn(seeding, event) }
}

function startsIn({ starts }: SeedingProjection, event: StoredEvent): number {
  const counted = Number(idParts(event)[1])
  return Number.isSafeInteger(counted) ? Math.max(starts, counted) : starts
}

/** The row is written before its events are published. */
export function compareSeeding(log: SeedingProjection, row: Seeding | undefined): Comparison {
  if (row === undefined) return log.starts === 0 ? { kind: 'same' } : wholeRow(log, undefined)
  if (row.starts === log.starts + 1) return { kind: 'ahead' }
  if (row.starts === log.starts && isBeingSwitchedOff(row, log)) return { kind: 'ahead' }
  return comparisonOf(differingFields<SeedingProjection>(['starts', 'current'], log, row))
}

function isBeingSwitchedOff({ current, ending }: Seeding, log: SeedingProjection): boolean {
  return current === undefined && ending !== undefined && ending.infoHash === log.current?.infoHash
}
