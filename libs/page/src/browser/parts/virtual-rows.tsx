import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Rows beyond what is seen that are there as well: to be tabbed into, and before a quick scroll shows nothing. */
const rowsBeyond = 12

export interface VirtualRowsProps<T> {
  readonly rows: readonly T[]
  readonly rowHeight: number
  readonly label: string
  readonly columns: readonly string[]
  readonly children: (row: T) => ComponentChildren
  readonly keyOf: (row: T) => string
}

/** A table of any length, of which only the rows that are seen exist. The window scrolls, not the table. */
export function VirtualRows<T>({ rows, rowHeight, label, columns, children, keyOf }: VirtualRowsProps<T>): JSX.Element {
  const body = useRef<HTMLDivElement>(null)
  const [{ first, last }, setSeen] = useState({ first: 0, last: 30 })
  const look = (): void => {
    const top = body.current?.getBoundingClientRect().top ?? 0
    const from = Math.max(0, Math.floor(-top / rowHeight) - rowsBeyond)
    const to = Math.ceil((window.innerHeight - top) / rowHeight) + rowsBeyond
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
  useLayoutEffect(look, [rows.length, rowHeight])
  return (
    <div class="rows" role="table" aria-label={label} aria-rowcount={rows.length + 1}>
      <div class="row head" role="row" aria-rowindex={1}>
        {columns.map((column) => (
          <div role="columnheader" key={column}>
            {column}
          </div>
        ))}
      </div>
      <div class="row-space" role="rowgroup" ref={body} style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(first, last).map((row, index) => (
          <div
            class="row"
            role="row"
            key={keyOf(row)}
            aria-rowindex={first + index + 2}
            style={{ height: `${rowHeight}px`, top: `${(first + index) * rowHeight}px` }}
          >
            {children(row)}
          </div>
        ))}
      </div>
    </div>
  )
}
