/**
 * Does two things at once. Where one fails, the other is told to stop and waited for, so that nothing goes on behind the
 * back of whoever is told of the failure.
 * @throws what the first of them failed with; the outer signal's reason
 */
export async function bothOrNeither<A, B>(
  outer: AbortSignal | undefined,
  one: (signal: AbortSignal) => Promise<A>,
  other: (signal: AbortSignal) => Promise<B>,
): Promise<[A, B]> {
  const stop = new AbortController()
  const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal])
  const guarded = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await work(signal)
    } catch (error) {
      stop.abort(error)
      throw error
    }
  }
  const both = [guarded(one), guarded(other)] as const
  await Promise.allSettled(both)
  signal.throwIfAborted()
  return Promise.all(both)
}
