import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Reader, ReaderState } from '@annals/reader'
import { Failure, Notice } from '../parts/notice.tsx'
import { countText } from '../parts/words.ts'

/** Where the key of an encrypted community is entered. */
export function KeyForm({ reader, state }: { readonly reader: Reader; readonly state: ReaderState }): JSX.Element {
  const input = useRef<HTMLTextAreaElement>(null)
  const keep = useRef<HTMLInputElement>(null)
  const [answer, setAnswer] = useState<{ added?: number; isInVain?: boolean; error?: unknown }>({})
  const names = [...new Set([...state.missingKeys, ...state.weeks.flatMap(({ missingKeys }) => missingKeys)])]
  const submit = async (): Promise<void> => {
    try {
      const added = await reader.addKeys(input.current?.value ?? '', { keep: keep.current?.checked ?? false })
      if (input.current !== null) input.current.value = ''
      setAnswer({ added, isInVain: reader.state.phase === 'waits-for-key' })
    } catch (error) {
      setAnswer({ error })
    }
  }
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <h2>A key is needed</h2>
      <p>Ask the community’s owner for its group keys: “annals group-keys export” writes them into a file.</p>
      {names.length > 0 && (
        <p>
          <small>
            What the missing key is called:{' '}
            {names.slice(0, 3).map((name) => (
              <code key={name}>{name} </code>
            ))}
            {names.length > 3 && `and ${names.length - 3} more`}
          </small>
        </p>
      )}
      <label>
        Group keys: the text of that file, or 64 hex digits and the key’s time in milliseconds
        <textarea ref={input} rows={3} required autocomplete="off" spellcheck={false} />
      </label>
      <p>
        <label>
          <input type="checkbox" ref={keep} /> Keep it in this browser for the next visit
        </label>
      </p>
      <p>
        <small>It never leaves your browser.</small>
      </p>
      <button class="main" type="submit">
        Use it
      </button>
      {answer.error !== undefined && <Failure error={answer.error} />}
      {answer.isInVain === true && (
        <Notice kind="bad">That is a group key, but not the one that opens this history.</Notice>
      )}
      {answer.added !== undefined && answer.isInVain !== true && (
        <Notice kind={answer.added > 0 ? 'good' : 'neutral'}>
          {answer.added > 0 ? `${countText(answer.added, 'new key')}.` : 'These keys were here already.'}
        </Notice>
      )}
    </form>
  )
}
