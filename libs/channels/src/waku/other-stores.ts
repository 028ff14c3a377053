import type { WakuNode } from '@annals/waku'

/**
 * The stores that say whether others have a message: not those of the nodes it was sent by, which with dead links have what
 * nobody hears; all of them where there are no others.
 */
export function otherStores(stores: readonly WakuNode[], sentBy: readonly WakuNode[]): readonly WakuNode[] {
  const sending = new Set(sentBy.map(({ name }) => name))
  const others = stores.filter(({ name }) => !sending.has(name))
  return others.length > 0 ? others : stores
}
