/** What can be read of some rows. @throws what reading one throws, if none can be read */
export function readable<R, T>(rows: readonly R[], read: (row: R) => T): T[] {
  const all: T[] = []
  let failure: unknown
  for (const row of rows) {
    try {
      all.push(read(row))
    } catch (error) {
      failure = error
    }
  }
  if (failure !== undefined && all.length === 0) throw failure
  return all
}
