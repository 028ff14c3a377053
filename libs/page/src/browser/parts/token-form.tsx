import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import type { Session } from '../api/session.ts'

/** Where a token is entered, and forgotten. */
export function TokenForm({
  session,
  onChange,
}: {
  readonly session: Session
  readonly onChange: () => void
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const input = useRef<HTMLInputElement>(null)
  if (session.token !== '')
    return (
      <button
        type="button"
        class="away"
        onClick={() => {
          session.forget()
          onChange()
        }}
      >
        Forget the token
      </button>
    )
  return (
    <>
      <button type="button" class="away" onClick={() => dialog.current?.showModal()}>
        Enter a token
      </button>
      <dialog ref={dialog} aria-label="Enter a token">
        <form
          method="dialog"
          onSubmit={() => {
            session.keep(input.current?.value ?? '')
            onChange()
          }}
        >
          <label>
            Token of an operator or of a community’s owner
            <input ref={input} type="password" autocomplete="off" required />
          </label>
          <p>
            <small>It stays in this browser until you have it forgotten.</small>
          </p>
          <div class="buttons">
            <button class="main" type="submit">
              Use it
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </>
  )
}
