import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { FetchProgress, Reader, ReaderState, WeekState } from '@annals/reader'
import { Failure, Notice } from '../parts/notice.tsx'
import { bytesText, countText, dateText, yearText } from '../parts/words.ts'

/** The weeks there are, by year, and how much of each is here. */
export function WeekList({
  reader,
  state,
  shown,
  onOpen,
}: {
  readonly reader: Reader
  readonly state: ReaderState
  readonly shown: string | undefined
  readonly onOpen: (weekId: string) => void
}): JSX.Element {
  const years = [...Map.groupBy(state.weeks.toReversed(), ({ from }) => yearText(from))]
  return (
    <nav class="weeks" aria-label="Weeks">
      <FetchRest reader={reader} state={state} />
      {years.map(([year, weeks]) => (
        <details key={year} open={years.length < 3 || weeks.some(({ id }) => id === shown) || year === years[0]?.[0]}>
          <summary>
            {year} <small>{countText(weeks.length, 'week')}</small>
          </summary>
          <ul>
            {weeks.map((week) => (
              <li key={week.id}>
                <button
                  type="button"
                  aria-current={week.id === shown ? 'true' : undefined}
                  onClick={() => onOpen(week.id)}
                >
                  {dateText(week.from)}
                  <small>{weekText(week)}</small>
                </button>
              </li>
            ))}
          </ul>
        </details>
      ))}
      {state.rejectedEntries > 0 && (
        <Notice kind="bad">
          {countText(state.rejectedEntries, 'entry', 'entries')} of the list cannot be used and{' '}
          {state.rejectedEntries === 1 ? 'is' : 'are'} left out.
        </Notice>
      )}
    </nav>
  )
}

function weekText({ sizeBytes, hereBytes, phase, messages }: WeekState): string {
  if (phase === 'open' && messages !== undefined) return countText(messages, 'message')
  if (hereBytes >= sizeBytes) return `${bytesText(sizeBytes)}, here`
  if (hereBytes > 0) return `${bytesText(hereBytes)} of ${bytesText(sizeBytes)}`
  return bytesText(sizeBytes)
}

function FetchRest({ reader, state }: { readonly reader: Reader; readonly state: ReaderState }): JSX.Element {
  const [progress, setProgress] = useState<FetchProgress>()
  const [error, setError] = useState<unknown>()
  const stop = useRef<AbortController>(undefined)
  const missing = state.weeks.reduce((sum, { sizeBytes, hereBytes }) => sum + Math.max(0, sizeBytes - hereBytes), 0)
  const fetchAll = async (): Promise<void> => {
    stop.current = new AbortController()
    setError(undefined)
    setProgress({ step: 'fetching', hereBytes: 0, wantedBytes: missing, messages: 0 })
    try {
      await reader.fetchRest({ signal: stop.current.signal, onProgress: setProgress })
    } catch (failure) {
      if (!stop.current.signal.aborted) setError(failure)
    }
    setProgress(undefined)
  }
  if (progress !== undefined)
    return (
      <div class="rest">
        <label>
          Fetching everything
          <progress max={Math.max(1, progress.wantedBytes)} value={progress.hereBytes} />
        </label>
        <small>
          {bytesText(progress.hereBytes)} of {bytesText(progress.wantedBytes)}
        </small>
        <button type="button" onClick={() => stop.current?.abort()}>
          Stop
        </button>
      </div>
    )
  return (
    <div class="rest">
      <button type="button" onClick={() => void fetchAll()}>
        {missing > 0 ? `Fetch everything (${bytesText(missing)})` : 'Open everything'}
      </button>
      {error !== undefined && <Failure error={error} />}
    </div>
  )
}
