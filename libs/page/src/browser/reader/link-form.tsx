import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'

/** Where a link is pasted. */
export function LinkForm({
  first = '',
  onLink,
}: {
  /** What stands in it at first. */
  readonly first?: string
  readonly onLink: (link: string) => void
}): JSX.Element {
  const input = useRef<HTMLTextAreaElement>(null)
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault()
        const link = input.current?.value.trim() ?? ''
        if (link !== '') onLink(link)
      }}
    >
      <label>
        Magnet link, or the address of a community’s public page
        <textarea
          ref={input}
          rows={3}
          required
          spellcheck={false}
          placeholder="magnet:?xt=urn:btih:…"
          defaultValue={first}
        />
      </label>
      <p>
        <small>
          Your browser fetches the history from whoever has it, checks every piece, and shows it. The link itself goes
          to nobody but those it names.
        </small>
      </p>
      <button class="main" type="submit">
        Open
      </button>
    </form>
  )
}
