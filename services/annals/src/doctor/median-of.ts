/** Measures several times, one after the other, and answers the value in the middle. */
export async function medianOf(times: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = []
  for (let time = 0; time < times; time++) values.push(await measure())
  return values.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN
}
