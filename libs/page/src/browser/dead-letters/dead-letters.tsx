import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Client } from '../api/client.ts'
import { useQuery } from '../api/use-query.ts'
import { Failure, Notice } from '../parts/notice.tsx'
import { countText } from '../parts/words.ts'
import { LetterCard } from './letter-card.tsx'
import { listLetters } from './list-letters.ts'

/** A consumer has an event that it was handed again within moments; where it fails once more, the letter is back by then. */
const secondLookMilliseconds = 3_000

/** The events that services gave up: what failed, why, and what can be done. */
export function DeadLetters({ client }: { readonly client: Client }): JSX.Element {
  const { value, error, refresh } = useQuery('dead letters', (signal) => listLetters(client, signal))
  const [answer, setAnswer] = useState<{ readonly text: string }>()
  const said = useRef<HTMLDivElement>(null)
  const secondLook = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(secondLook.current), [])
  // The letter goes, and with it the button that had the focus.
  useEffect(() => said.current?.focus(), [answer])
  const done = (text: string): void => {
    setAnswer({ text })
    refresh()
    clearTimeout(secondLook.current)
    secondLook.current = setTimeout(refresh, secondLookMilliseconds)
  }
  return (
    <>
      <header class="title">
        <h1>Dead letters</h1>
        <button type="button" onClick={refresh}>
          Look again
        </button>
      </header>
      <p class="quiet">
        Events that a service tried to handle as often as it may, and could not. They stay in the log whatever you do
        here.
      </p>
      {answer !== undefined && (
        <div ref={said} tabIndex={-1} class="answer">
          <Notice kind="good">{answer.text}</Notice>
        </div>
      )}
      {error !== undefined && <Failure error={error} retry={refresh} />}
      {value === undefined && error === undefined && <p class="quiet">Asking the node…</p>}
      {value?.letters.length === 0 && <Notice kind="good">There are none: every event was handled.</Notice>}
      {value !== undefined && value.letters.length > 0 && (
        <p>
          {countText(value.letters.length, 'dead letter')}
          {value.isMore ? ' and more: these are the first.' : '.'}
        </p>
      )}
      {value?.letters.map((letter) => (
        <LetterCard key={letter.id} letter={letter} client={client} onDone={done} />
      ))}
    </>
  )
}
