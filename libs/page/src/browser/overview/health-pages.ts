import type { CommunityHealth } from '@annals/proto/api/v1'
import { ListHealthResponse } from '@annals/proto/api/v1'
import type { Client } from '../api/client.ts'

/** Which communities are shown. */
export interface Selection {
  /** Those that need somebody for one of these; all where there is none. */
  readonly reasons: readonly string[]
  /** A part of the name or of the id. */
  readonly search: string
}

/** What is seen of the list of communities. */
export interface SeenHealth {
  readonly total: number
  /** How many of all need somebody, by reason. */
  readonly needing: Readonly<Record<string, number>>
  /** The node's clock, Unix seconds. */
  readonly now: number
  /** The rows that were asked for, from this one on. */
  readonly offset: number
  readonly rows: readonly CommunityHealth[]
}

/** So many rows are asked for at a time, on both sides of what is seen. */
const rowsAround = 60

/** The rows that are seen, and some around them: what that costs does not grow with the number of communities. */
export async function loadHealth(
  client: Client,
  { reasons, search }: Selection,
  { first, last }: { readonly first: number; readonly last: number },
  signal: AbortSignal,
): Promise<SeenHealth> {
  const offset = Math.max(0, first - rowsAround)
  const query = { search, reasons, offset, limit: last + rowsAround - offset }
  const answer = ListHealthResponse.fromJSON(await client.ask('/communities', { query, signal }))
  const needing = answer.needing instanceof Map ? Object.fromEntries(answer.needing) : answer.needing
  return { total: answer.total, needing, now: answer.now, offset, rows: answer.communities }
}

/** Whether the rows that are seen are among those that were asked for. */
export function covers(
  { offset, rows, total }: SeenHealth,
  { first, last }: { readonly first: number; readonly last: number },
): boolean {
  return offset <= first && Math.min(last, total) <= offset + rows.length
}
