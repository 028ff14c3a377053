import type { StoreSync } from '@annals/proto/events/v1'
import type { ServiceContext } from '@annals/service'
import type { HistoryFindings } from '@annals/storage'
import { historyFindings, updateDocument } from '@annals/storage'

/** Keeps with which stores something was wrong, for who looks: the log has it too, but not at a glance. */
export async function noteFindings(
  { state }: Pick<ServiceContext, 'state'>,
  communityId: string,
  until: number,
  { stores }: StoreSync,
): Promise<void> {
  await updateDocument(state.collection(historyFindings), communityId, (before) => {
    if (before !== undefined && before.until >= until) return before
    const wrong = stores.filter(({ failure, missingMessages }) => failure !== '' || missingMessages > 0)
    // As it nearly always is.
    if (wrong.length === 0 && (before === undefined || before.stores.length === 0)) return before
    return {
      until,
      stores: wrong.map(({ node, failure, missingMessages }) => ({
        node,
        failure,
        missingMessages,
        since: sinceWhen(before, node) ?? until,
      })),
    }
  })
}

function sinceWhen(before: HistoryFindings | undefined, node: string): number | undefined {
  return before?.stores.find((store) => store.node === node)?.since
}
