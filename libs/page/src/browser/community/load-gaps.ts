import { HistorySynced } from '@annals/proto/events/v1'
import type { Client } from '../api/client.ts'
import type { Gap } from './weeks.ts'

/** What store nodes were found to lack, and up to which event that was read. */
export interface FoundGaps {
  readonly after: number
  readonly gaps: readonly Gap[]
}

interface EventPage {
  readonly items?: readonly { readonly sequence?: number | string; readonly payload?: unknown }[]
  readonly next?: number | string
}

/** A history sync a week: years of them. What is beyond that is read when the page asks again. */
const mostPages = 20

/**
 * Goes on reading what history syncs say of store nodes' gaps.
 * @throws what `Client.ask` throws
 */
export async function loadGaps(
  client: Client,
  communityId: string,
  before: FoundGaps,
  signal: AbortSignal,
): Promise<FoundGaps> {
  let { after } = before
  const gaps = [...before.gaps]
  for (let page = 0; page < mostPages; page += 1) {
    const query = { names: 'HistorySynced', after }
    const path = `/communities/${encodeURIComponent(communityId)}/events`
    const { items = [], next } = (await client.ask(path, { query, signal })) as EventPage
    for (const { sequence, payload } of items) {
      after = Math.max(after, Number(sequence ?? 0))
      gaps.push(...gapsIn(HistorySynced.fromJSON(payload ?? {})))
    }
    if (next === undefined || items.length === 0) break
  }
  return { after, gaps }
}

function gapsIn({ storeSync }: HistorySynced): Gap[] {
  return (storeSync?.stores ?? []).flatMap(({ node, missingSpans }) =>
    missingSpans.map(({ from, to, messages }) => ({ node, from, to, messages })),
  )
}
