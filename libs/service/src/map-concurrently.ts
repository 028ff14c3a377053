/** Runs `work` over a sequence, `limit` at a time, until it ends or the signal aborts. The first error ends it. */
export async function mapConcurrently<T>(
  items: AsyncIterable<T>,
  limit: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  for await (const item of items) {
    if (signal.aborted) break
    const one = work(item).finally(() => running.delete(one))
    running.add(one)
    if (running.size >= limit) await Promise.race(running)
  }
  await Promise.all(running)
}
