/**
 * Runs `work` over a sequence, `limit` at a time, until it ends or the signal aborts. After the first error nothing new
 * is begun; once what is under way has ended as well, that error is thrown.
 */
export async function mapConcurrently<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  try {
    for await (const item of items) {
      if (signal.aborted || failures.length > 0) break
      // Each handles its own failure: one that fails while the next item is awaited must not go unhandled.
      const one = work(item)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(one))
      running.add(one)
      if (running.size >= limit) await Promise.race(running)
    }
  } finally {
    await Promise.all(running)
  }
  if (failures.length > 0) throw failures[0]
}
