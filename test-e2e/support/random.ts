/** A linear congruential generator: the same numbers for the same seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** From 0 to 1, 1 excluded. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return this.#state / 0x8000_0000
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, weight: this.next() }))
      .toSorted((a, b) => a.weight - b.weight)
      .map(({ item }) => item)
  }
}
