import type { JSX } from 'preact'
import type { Liveness } from '../api/use-live-events.ts'

const words: Readonly<Record<Liveness, string>> = {
  live: 'Live',
  waiting: 'Waiting for the node…',
  closed: 'Not live: no token',
}

/** Whether what is seen follows what happens. */
export function Live({ liveness }: { readonly liveness: Liveness }): JSX.Element {
  return (
    <span class={`live is-${liveness}`} role="status">
      {words[liveness]}
    </span>
  )
}
