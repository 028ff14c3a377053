import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { FoundMessage, Reader, ReaderState } from '@annals/reader'
import { countText } from '../parts/words.ts'
import { MessageLine } from './message-line.tsx'
import type { Place } from './reader-page.tsx'

const mostFound = 200

/** Searches what is loaded, and goes to a date. */
export function Search({
  reader,
  state,
  onPlace,
  onDate,
}: {
  readonly reader: Reader
  readonly state: ReaderState
  readonly onPlace: (place: Place) => void
  readonly onDate: (milliseconds: number) => void
}): JSX.Element {
  const text = useRef<HTMLInputElement>(null)
  const date = useRef<HTMLInputElement>(null)
  const [found, setFound] = useState<readonly FoundMessage[]>()
  const search = async (): Promise<void> => {
    const wanted = text.current?.value.trim() ?? ''
    setFound(wanted === '' ? undefined : await reader.search(wanted, { limit: mostFound }))
  }
  const loaded = state.weeks.filter(({ phase }) => phase === 'open').length
  return (
    <>
      <div class="tools">
        <form
          class="search"
          role="search"
          onSubmit={(event) => {
            event.preventDefault()
            void search()
          }}
        >
          <label class="unseen" for="search">
            Search in open weeks
          </label>
          <input id="search" ref={text} type="search" placeholder={searchHint(loaded)} />
          <button type="submit">Search</button>
        </form>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            const at = date.current?.valueAsNumber ?? Number.NaN
            if (Number.isFinite(at)) onDate(at)
          }}
        >
          <label>
            <span class="unseen">Go to a date</span>
            <input ref={date} type="date" required />
          </label>
          <button type="submit">Go to the date</button>
        </form>
      </div>
      {found !== undefined && (
        <section class="card found" aria-label="Found">
          <p role="status" class="between">
            {found.length === 0
              ? `Nothing in ${countText(loaded, 'open week')}. Weeks that are not open are not searched.`
              : `${countText(found.length, 'message')}${found.length === mostFound ? ' and perhaps more' : ''}`}
            <button type="button" onClick={() => setFound(undefined)}>
              Close
            </button>
          </p>
          <ol class="messages">
            {found.map(({ weekId, message }) => (
              <MessageLine
                key={message.id}
                message={message}
                reader={reader}
                onGo={() => onPlace({ weekId, messageId: message.id })}
              />
            ))}
          </ol>
        </section>
      )}
    </>
  )
}

function searchHint(openWeeks: number): string {
  return openWeeks === 0 ? 'Open a week to search in it' : `Search in ${countText(openWeeks, 'open week')}`
}
