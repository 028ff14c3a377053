import type { ComponentChildren, JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { Failure, Notice } from './notice.tsx'

export interface CommandButtonProps {
  readonly label: string
  /** Asked before it is done, where it cannot simply be taken back. */
  readonly confirm?: string
  /** Does it. @returns what came of it, as a sentence; nothing where that is said elsewhere */
  readonly run: () => Promise<string | void>
  readonly kind?: 'danger' | 'plain'
  readonly children?: ComponentChildren
}

/** A button that does something at the node, asks first where that is wise, and says what came of it. */
export function CommandButton({ label, confirm, run, kind = 'plain', children }: CommandButtonProps): JSX.Element {
  const [state, setState] = useState<{ isRunning: boolean; answer?: string; error?: unknown }>({ isRunning: false })
  const dialog = useRef<HTMLDialogElement>(null)
  const start = async (): Promise<void> => {
    dialog.current?.close()
    setState({ isRunning: true })
    try {
      const answer = await run()
      setState({ isRunning: false, ...(answer !== undefined && { answer }) })
    } catch (error) {
      setState({ isRunning: false, error })
    }
  }
  return (
    <div class="command">
      <button
        type="button"
        class={kind}
        disabled={state.isRunning}
        onClick={() => (confirm === undefined ? void start() : dialog.current?.showModal())}
      >
        {label}
      </button>
      {children !== undefined && <small>{children}</small>}
      {state.answer !== undefined && <Notice kind="good">{state.answer}</Notice>}
      {state.error !== undefined && <Failure error={state.error} />}
      {confirm !== undefined && (
        <dialog ref={dialog} aria-label={label}>
          <p>{confirm}</p>
          <div class="buttons">
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button type="button" class={kind} onClick={() => void start()}>
              {label}
            </button>
          </div>
        </dialog>
      )}
    </div>
  )
}
