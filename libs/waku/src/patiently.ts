import { isPassing, WakuRateLimitedError } from './errors.ts'
import { pauseFor } from './pause.ts'

const firstWaitMilliseconds = 200
const longestWaitMilliseconds = 5_000

/** How long to wait before the try after so many failed ones (0: the first one failed): longer each time, and never quite the same. */
export function backoffMilliseconds(failed: number, longest = longestWaitMilliseconds): number {
  return Math.min(firstWaitMilliseconds * 2 ** Math.min(failed, 20), longest) * (0.5 + Math.random() / 2)
}

/**
 * Does something again for so long while a node fails for reasons that may pass.
 * @throws what it failed with last; the signal's reason
 */
export async function patiently<T>(
  patienceMilliseconds: number,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + patienceMilliseconds
  for (let failed = 0; ; failed += 1) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      const asked = error instanceof WakuRateLimitedError ? (error.waitMilliseconds ?? 0) : 0
      const wait = Math.max(asked, backoffMilliseconds(failed))
      if (!isPassing(error) || performance.now() + wait > deadline) throw error
      await pauseFor(wait, signal)
      signal.throwIfAborted()
    }
  }
}
