import type { JSX } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { bytesText, countText, dateText } from '../parts/words.ts'
import { nextWeek } from './walk-calendar.ts'
import type { CalendarWeek, CalendarYear } from './weeks.ts'
import { levelOf } from './weeks.ts'

/**
 * Years of weeks, each a box. One of them takes the focus, the arrow keys go from there, and what is known of that week
 * stands below: for who has no pointer to hold over it as well.
 */
export function CalendarView({ years }: { readonly years: readonly CalendarYear[] }): JSX.Element {
  const table = useRef<HTMLTableElement>(null)
  const [chosen, setChosen] = useState<number>()
  const newestFirst = useMemo(() => years.toReversed(), [years])
  // What a box says takes longer than all the rest, and does not change with the one that is chosen.
  const boxes = useMemo(() => boxesOf(years), [years])
  const shown = chosen === undefined ? undefined : boxes.get(chosen)
  const newest = newestFirst[0]?.weeks.findLast((week) => week !== undefined)
  const reachable = shown === undefined ? newest?.from : chosen
  const walk = (event: KeyboardEvent): void => {
    const next = nextWeek(newestFirst, reachable, event)
    if (next === undefined) return
    event.preventDefault()
    table.current?.querySelector<HTMLElement>(`[data-week="${next}"]`)?.focus()
  }
  return (
    <div class="calendar">
      <table ref={table} onKeyDown={walk}>
        <caption class="unseen">Weeks of the history. The arrow keys go from week to week.</caption>
        <tbody>
          {newestFirst.map(({ year, weeks }) => (
            <tr key={year}>
              <th scope="row">{year}</th>
              <td>
                <ol>
                  {weeks.map((week, index) => (
                    <li key={week?.from ?? index} class={week === undefined ? 'none' : undefined}>
                      {week !== undefined && (
                        <button
                          type="button"
                          class={boxes.get(week.from)?.look}
                          data-week={week.from}
                          tabIndex={week.from === reachable ? 0 : -1}
                          aria-label={boxes.get(week.from)?.text}
                          title={boxes.get(week.from)?.text}
                          onFocus={() => setChosen(week.from)}
                          onClick={() => setChosen(week.from)}
                        />
                      )}
                    </li>
                  ))}
                </ol>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="chosen">{shown === undefined ? 'Choose a week to see what is known of it.' : `${shown.text}.`}</p>
      <ul class="key" aria-label="What the boxes mean">
        <li>
          <i class="sealed level-4" /> sealed, stronger with more messages
        </li>
        <li>
          <i class="empty" /> nothing was written
        </li>
        <li>
          <i class="sealed level-2 supplement" /> added to late
        </li>
        <li>
          <i class="sealed level-2 gap" /> a store had a gap
        </li>
        <li>
          <i class="waiting" /> waits for a key
        </li>
        <li>
          <i class="open" /> not sealed yet
        </li>
      </ul>
    </div>
  )
}

interface Box {
  /** Its classes. */
  readonly look: string
  readonly text: string
}

/** By where their weeks begin. */
function boxesOf(years: readonly CalendarYear[]): ReadonlyMap<number, Box> {
  const weeks = years.flatMap(({ weeks }) => weeks.filter((week) => week !== undefined))
  const busiest = weeks.reduce((most, { messages }) => Math.max(most, messages), 0)
  return new Map(weeks.map((week) => [week.from, { look: boxClass(week, busiest), text: boxText(week) }]))
}

function boxClass(week: CalendarWeek, busiest: number): string {
  const marks = [week.hasSupplement && 'supplement', week.gaps.length > 0 && 'gap'].filter((mark) => mark !== false)
  return [week.state, `level-${levelOf(week, busiest)}`, ...marks].join(' ')
}

const stateWords: Readonly<Record<CalendarWeek['state'], string>> = {
  sealed: 'sealed',
  empty: 'nothing was written',
  open: 'not sealed yet',
  waiting: 'waits for a key',
}

function boxText(week: CalendarWeek): string {
  const parts = [`Week of ${dateText(week.from)}: ${stateWords[week.state]}`]
  if (week.messages > 0) parts.push(countText(week.messages, 'message'), bytesText(week.bytes))
  if (week.hasSupplement) parts.push('added to late')
  for (const { node, messages } of week.gaps) parts.push(`${node} lacked ${countText(messages, 'message')}`)
  return parts.join(', ')
}
