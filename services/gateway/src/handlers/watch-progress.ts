import type { WatchProgressRequest, WatchProgressResponse } from '@annals/proto/api/v1'
import { checkCommunityId } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'

/** Holds the newest report of each task until it can be sent, so a slow reader costs no memory. */
export async function* watchProgress(
  context: CallContext,
  request: WatchProgressRequest,
): AsyncIterable<WatchProgressResponse> {
  const only = request.communityId === '' ? undefined : checkCommunityId(request.communityId)
  const waiting = new Map<string, WatchProgressResponse>()
  let wake = Promise.withResolvers<void>()
  context.progress.listen((progress) => {
    const { task, communityId, done, total, unit } = progress
    if (only !== undefined && communityId !== only) return
    waiting.set(`${task}/${communityId}`, { task, communityId, done, total, unit })
    wake.resolve()
  }, context.signal)
  context.signal.addEventListener('abort', () => wake.resolve(), { once: true })
  while (!context.signal.aborted) {
    await wake.promise
    wake = Promise.withResolvers<void>()
    const reports = [...waiting.values()]
    waiting.clear()
    yield* reports
  }
}
