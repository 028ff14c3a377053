import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

export interface Query<T> {
  /** The newest answer; kept while a newer one is asked for, and where that fails. */
  readonly value: T | undefined
  /** Why the last time failed; `undefined` where it did not. */
  readonly error: unknown
  readonly isLoading: boolean
  readonly refresh: () => void
}

/**
 * Asks now, whenever `key` changes, and when refreshed: at most once a second, and never twice at a time.
 */
export function useQuery<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Query<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: unknown; isLoading: boolean }>({
    key,
    isLoading: true,
  })
  const loader = useRef(load)
  loader.current = load
  const wanted = useRef({ isRunning: false, again: false })
  const abort = useRef(new AbortController())

  const run = useCallback(async () => {
    if (wanted.current.isRunning) {
      wanted.current.again = true
      return
    }
    const { signal } = abort.current
    wanted.current.isRunning = true
    do {
      wanted.current.again = false
      setState((state) => ({ ...state, isLoading: true }))
      try {
        const value = await loader.current(signal)
        if (!signal.aborted) setState({ key, value, isLoading: false })
      } catch (error) {
        if (!signal.aborted) setState((state) => ({ ...state, key, error, isLoading: false }))
      }
      // A flood of events is no flood of questions.
      await pause(restMilliseconds)
    } while (isAgain(wanted.current) && !signal.aborted)
    if (!signal.aborted) wanted.current.isRunning = false
  }, [key])

  useEffect(() => {
    abort.current = new AbortController()
    wanted.current = { isRunning: false, again: false }
    void run()
    return () => abort.current.abort()
  }, [run])

  const refresh = useCallback(() => void run(), [run])
  const isOld = state.key !== key
  return {
    value: isOld ? undefined : state.value,
    error: isOld ? undefined : state.error,
    isLoading: state.isLoading || isOld,
    refresh,
  }
}

const restMilliseconds = 1_000

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** It changes while the loop waits, which the compiler cannot see. */
function isAgain({ again }: { again: boolean }): boolean {
  return again
}
