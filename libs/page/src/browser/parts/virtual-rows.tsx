import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Rows beyond what is seen that are there as well: to be tabbed into, and before a quick scroll shows nothing. */
const rowsBeyond = 12

/** Rows by their place, `last` not among them. */
export interface Seen {
  readonly first: number
  readonly last: number
}

export interface VirtualRowsProps<T> {
  readonly count: number
  readonly rowHeight: number
  readonly label: string
  readonly columns: readonly string[]
  /** The row at a place; `undefined` while it is asked for. */
  readonly rowAt: (place: number) => T | undefined
  readonly children: (row: T) => ComponentChildren
  readonly onSeen: (seen: Seen) => void
}

/** A table of any length, of which only the rows that are seen exist. The window scrolls, not the table. */
export function VirtualRows<T>(props: VirtualRowsProps<T>): JSX.Element {
  const { count, rowHeight, label, columns, rowAt, children, onSeen } = props
  const body = useRef<HTMLDivElement>(null)
  const [{ first, last }, setSeen] = useState<Seen>({ first: 0, last: 30 })
  const look = (): void => {
    const top = body.current?.getBoundingClientRect().top ?? 0
    const from = Math.max(0, Math.floor(-top / rowHeight) - rowsBeyond)
    const to = Math.max(from, Math.ceil((window.innerHeight - top) / rowHeight) + rowsBeyond)
    setSeen((seen) => (seen.first === from && seen.last === to ? seen : { first: from, last: to }))
  }
  useEffect(() => {
    window.addEventListener('scroll', look, { passive: true })
    window.addEventListener('resize', look)
    return () => {
      window.removeEventListener('scroll', look)
      window.removeEventListener('resize', look)
    }
  }, [rowHeight])
  useLayoutEffect(look, [count, rowHeight])
  useEffect(() => onSeen({ first, last }), [first, last])
  const places = Array.from({ length: Math.max(0, Math.min(last, count) - first) }, (_, index) => first + index)
  return (
    <div class="rows" role="table" aria-label={label} aria-rowcount={count + 1}>
      <div role="rowgroup">
        <div class="row head" role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <div role="columnheader" key={column}>
              {column}
            </div>
          ))}
        </div>
      </div>
      <div class="row-space" role="rowgroup" ref={body} style={{ height: `${count * rowHeight}px` }}>
        {places.map((place) => {
          const row = rowAt(place)
          return (
            <div
              class="row"
              role="row"
              key={place}
              aria-rowindex={place + 2}
              style={{ height: `${rowHeight}px`, top: `${place * rowHeight}px` }}
            >
              {row === undefined ? (
                <div role="cell" class="quiet">
                  …
                </div>
              ) : (
                children(row)
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
