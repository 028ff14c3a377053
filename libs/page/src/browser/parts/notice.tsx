import type { ComponentChildren, JSX } from 'preact'
import { Problem } from '../api/problem.ts'
import { readableText } from './words.ts'

/** Says something in answer to what somebody did. Read out at once where it is about a failure. */
export function Notice({
  kind,
  children,
}: {
  readonly kind: 'good' | 'bad' | 'neutral'
  readonly children: ComponentChildren
}): JSX.Element {
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  )
}

/** Why something could not be done, and what can be done about it. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }): JSX.Element {
  return (
    <Notice kind="bad">
      <p>{failureText(error)}</p>
      {error instanceof Problem && error.fields.length > 0 && (
        <ul>
          {error.fields.map(({ field, description }) => (
            <li key={field}>
              <code>{field}</code> {description}
            </li>
          ))}
        </ul>
      )}
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </Notice>
  )
}

function failureText(error: unknown): string {
  if (error instanceof Problem && error.status === 401)
    return 'This needs a token. Open the address that "annals up" printed, or enter the token you were given.'
  if (error instanceof Problem && error.status === 403)
    return `Your token does not allow this. ${readableText(error.message)}`
  return readableText(error instanceof Error ? error.message : String(error))
}
