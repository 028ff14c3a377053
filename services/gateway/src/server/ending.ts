import { DefaultDeadlineError, StoppingError } from '../gateway-errors.ts'

/** How a call ends before its work is done: the caller is gone, the node stops, the time is up. Dispose it when the call is over. */
export interface Ending extends Disposable {
  readonly signal: AbortSignal
  /** Rejects then. */
  readonly ended: Promise<never>
  end(reason: Error): void
}

/** For calls that set no deadline. Streams have none: they may follow for ever. */
const defaultDeadlineSeconds = 30

/** @param stopping aborts when the node stops, which ends the call */
export function beginEnding(stopping: AbortSignal): Ending {
  const abort = new AbortController()
  const ended = Promise.withResolvers<never>()
  // Nobody may be waiting for it any more.
  ended.promise.catch(() => undefined)
  const end = (reason: Error): void => {
    abort.abort(reason)
    ended.reject(reason)
  }
  const stop = (): void => end(new StoppingError())
  if (stopping.aborted) stop()
  stopping.addEventListener('abort', stop, { once: true })
  return {
    signal: abort.signal,
    ended: ended.promise,
    end,
    [Symbol.dispose]: () => stopping.removeEventListener('abort', stop),
  }
}

/** What comes of work, unless the call ends before. @throws what the work throws, and what ended the call */
export function unlessEnded<T>({ ended }: Ending, work: () => Promise<T>): Promise<T> {
  return Promise.race([work(), ended])
}

/** The same, with the default deadline. @throws DefaultDeadlineError as well */
export async function withinDeadline<T>(
  ending: Ending,
  { defaultDeadlineSeconds: seconds = defaultDeadlineSeconds }: { readonly defaultDeadlineSeconds?: number },
  work: () => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => ending.end(new DefaultDeadlineError(seconds)), seconds * 1000)
  try {
    return await unlessEnded(ending, work)
  } finally {
    clearTimeout(timer)
  }
}
