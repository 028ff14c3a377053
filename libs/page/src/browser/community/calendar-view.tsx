import type { JSX } from 'preact'
import { bytesText, countText, dateText } from '../parts/words.ts'
import type { CalendarWeek, CalendarYear } from './weeks.ts'
import { levelOf } from './weeks.ts'

/** Years of weeks, each a box. */
export function CalendarView({ years }: { readonly years: readonly CalendarYear[] }): JSX.Element {
  const busiest = Math.max(0, ...years.map(({ weeks }) => Math.max(0, ...weeks.map((week) => week?.messages ?? 0))))
  return (
    <div class="calendar">
      <table>
        <caption class="unseen">Weeks of the history</caption>
        <tbody>
          {years.toReversed().map(({ year, weeks }) => (
            <tr key={year}>
              <th scope="row">{year}</th>
              <td>
                <ol>
                  {weeks.map((week, index) => (
                    <li key={week?.from ?? index} class={week === undefined ? 'none' : boxClass(week, busiest)}>
                      {week !== undefined && (
                        <span title={boxText(week)}>
                          <span class="unseen">{boxText(week)}</span>
                        </span>
                      )}
                    </li>
                  ))}
                </ol>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
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
