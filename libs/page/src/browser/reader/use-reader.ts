import { useEffect, useState } from 'preact/hooks'
import type { Reader, ReaderState, SwarmEvent } from '@annals/reader'
import { openReader } from '@annals/reader'
import { openBrowserPorts } from '@annals/reader/browser'

interface UsedReader {
  readonly reader: Reader | undefined
  readonly state: ReaderState | undefined
  /** Why there is no reader. */
  readonly error: unknown
  /** What went wrong on the wire and was put right, the newest last. */
  readonly incidents: readonly SwarmEvent[]
}

/** A reader, and how to open its link once more. */
export interface ReaderOfLink extends UsedReader {
  readonly again: () => void
}

const mostIncidents = 20

/** A reader of a link, for as long as the link is shown. */
export function useReader(link: string): ReaderOfLink {
  const [attempt, setAttempt] = useState(1)
  const [used, setUsed] = useState<UsedReader>({ reader: undefined, state: undefined, error: undefined, incidents: [] })
  useEffect(() => {
    const stop = new AbortController()
    void follow(link, stop.signal, (change) => setUsed(change))
    return () => stop.abort()
  }, [link, attempt])
  return { ...used, again: () => setAttempt(attempt + 1) }
}

async function follow(
  link: string,
  signal: AbortSignal,
  tell: (change: (before: UsedReader) => UsedReader) => void,
): Promise<void> {
  tell(() => ({ reader: undefined, state: undefined, error: undefined, incidents: [] }))
  try {
    await using ports = await openBrowserPorts()
    await using reader = openReader({ link, ports, node: window.location.origin })
    const gone = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => gone.resolve())
    if (signal.aborted) return
    tell((before) => ({ ...before, reader, state: reader.state }))
    reader.subscribe(() => {
      if (!signal.aborted) tell((before) => ({ ...before, state: reader.state }))
    })
    reader.onEvent((event) => {
      if (!signal.aborted && (event.kind === 'piece-refused' || event.kind === 'web-seed-problem'))
        tell((before) => ({ ...before, incidents: [...before.incidents, event].slice(-mostIncidents) }))
    })
    await gone.promise
  } catch (error) {
    if (!signal.aborted) tell((before) => ({ ...before, error }))
  }
}
