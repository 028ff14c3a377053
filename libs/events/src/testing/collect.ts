/** What arrives over time, for tests that wait for it instead of sleeping. */
export class Arrivals<T> {
  readonly all: T[] = []
  #waiting: { readonly test: (all: readonly T[]) => boolean; readonly resolve: () => void }[] = []

  add(item: T): void {
    this.all.push(item)
    this.#waiting = this.#waiting.filter(({ test, resolve }) => {
      if (!test(this.all)) return true
      resolve()
      return false
    })
  }

  /** Resolves once what is there passes the test. */
  async until(test: (all: readonly T[]) => boolean): Promise<readonly T[]> {
    if (!test(this.all)) await new Promise<void>((resolve) => this.#waiting.push({ test, resolve }))
    return this.all
  }

  /** Resolves once so many are there. */
  count(items: number): Promise<readonly T[]> {
    return this.until((all) => all.length >= items)
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}
