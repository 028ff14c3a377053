import type { JSX } from 'preact'
import { agoText, isoText, timeText } from './words.ts'

/** How long ago something was, with the moment itself for who points at it. */
export function Moment({ at, now }: { readonly at: number; readonly now: number }): JSX.Element {
  return (
    <time dateTime={isoText(at)} title={timeText(at)}>
      {agoText(at, now)}
    </time>
  )
}
