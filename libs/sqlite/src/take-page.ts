/**
 * Takes rows until one of the bounds is met and ends the statement, so that no read transaction stays open while
 * somebody thinks about them. `full` says that there may be more.
 */
export function takePage<R, T>(
  rows: Iterable<R>,
  bounds: { readonly rows: number; readonly bytes: number },
  convert: (row: R) => T,
  sizeBytes: (row: R) => number,
): { readonly items: T[]; readonly full: boolean } {
  const items: T[] = []
  let bytes = 0
  for (const row of rows) {
    items.push(convert(row))
    bytes += sizeBytes(row)
    if (items.length >= bounds.rows || bytes >= bounds.bytes) return { items, full: true }
  }
  return { items, full: false }
}
