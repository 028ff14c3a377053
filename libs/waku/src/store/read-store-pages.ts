import { WakuAnswerError, WakuRefusedError } from '../errors.ts'
import { patiently } from '../patiently.ts'
import type { StorePage, StorePageQuery, WakuNode } from '../waku-node.ts'

export interface ReadStoreOptions {
  readonly signal: AbortSignal
  /** How long a page is asked for again while the store fails for reasons that may pass. */
  readonly patienceMilliseconds: number
}

/** A store may pass over messages that are gone, but not for ever. */
const mostEmptyPages = 20

/**
 * The pages of one store for a query, to its end. A cursor that the store no longer knows, because what it names was swept
 * away, is gone round: the pages go on from the time of the last message, which then come twice.
 * @throws what `isWakuNodeError` knows; the signal's reason
 */
export async function* readStorePages(
  node: WakuNode,
  query: StorePageQuery,
  { signal, patienceMilliseconds }: ReadStoreOptions,
): AsyncGenerator<StorePage, void> {
  let { cursor, fromNanoseconds } = query
  let emptyPages = 0
  /** From where it was gone round last: a second time from there would lead nowhere. */
  let goneRoundFrom: bigint | undefined
  for (;;) {
    const page = await patiently(patienceMilliseconds, signal, () =>
      node.storePage({ ...query, ...(fromNanoseconds !== undefined && { fromNanoseconds }), cursor }, signal),
    ).catch((error: unknown) => {
      const isOfCursor = error instanceof WakuRefusedError && cursor !== undefined
      if (!isOfCursor || fromNanoseconds === goneRoundFrom) throw error
      return undefined
    })
    if (page === undefined) {
      cursor = undefined
      goneRoundFrom = fromNanoseconds
      continue
    }
    yield page
    if (page.cursor === undefined) return
    emptyPages = page.messages.length === 0 ? emptyPages + 1 : 0
    if (page.cursor === cursor || emptyPages > mostEmptyPages)
      throw new WakuAnswerError(node.name, 'query the store', 'paginationCursor', 'leads to no end')
    cursor = page.cursor
    fromNanoseconds = page.messages.at(-1)?.message.timestampNanoseconds ?? fromNanoseconds
  }
}
