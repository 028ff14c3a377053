import { keccak256 } from '../keccak256.ts'
import type { GroupKey } from './group-key.ts'

/** Steps from one that is kept to the next; doubled whenever a key has too many of them. */
const firstIntervalSteps = 1_000
const maxKeptSteps = 128

/** Some 15 ms of hashing, after which whatever else waits gets its turn. */
const stepsATurn = 2_000

interface Step {
  readonly seqNo: number
  readonly key: Uint8Array
}

/** What is known of one key's ratchet. Steps are secrets, so they stay in private properties. */
class Chain {
  #interval = firstIntervalSteps
  readonly #kept = new Map<number, Uint8Array>()
  #last: Step
  reachedSeqNo = 0

  constructor(first: Uint8Array) {
    this.#last = { seqNo: 0, key: first }
    this.#kept.set(0, first)
  }

  /** The latest known step that is not after `seqNo`. */
  before(seqNo: number): Step {
    let best: Step = { seqNo: 0, key: this.#kept.get(0) as Uint8Array }
    for (const [at, key] of this.#kept) if (at <= seqNo && at > best.seqNo) best = { seqNo: at, key }
    return this.#last.seqNo <= seqNo && this.#last.seqNo > best.seqNo ? this.#last : best
  }

  pass(seqNo: number, key: Uint8Array): void {
    if (seqNo % this.#interval !== 0) return
    this.#kept.set(seqNo, key)
    if (this.#kept.size <= maxKeptSteps) return
    this.#interval *= 2
    for (const at of this.#kept.keys()) if (at % this.#interval !== 0) this.#kept.delete(at)
  }

  stopAt(step: Step): void {
    this.#last = step
  }
}

/**
 * The ratchets' steps: h(0) is the key, h(n) = keccak256(h(n-1)) (formats §4). Remembers some of them, so that the
 * next archive costs one hash and an older one at most some thousands. Holds at most `maxKeys` keys of about 10 KB.
 */
export class RatchetCache {
  readonly #maxKeys: number
  /** By key id; the one used last stands last. */
  readonly #chains = new Map<string, Chain>()

  constructor({ maxKeys = 256 }: { readonly maxKeys?: number } = {}) {
    this.#maxKeys = maxKeys
  }

  /** The 32-byte key of a sequence number: about 7 µs for each step that has to be gone. */
  async stepKey(key: GroupKey, seqNo: number): Promise<Uint8Array> {
    const chain = this.#chain(key)
    let { seqNo: at, key: step } = chain.before(seqNo)
    for (let gone = 1; at < seqNo; gone++) {
      step = keccak256(step)
      chain.pass(++at, step)
      if (gone % stepsATurn === 0) await giveTurn()
    }
    chain.stopAt({ seqNo: at, key: step })
    return step
  }

  /** The highest sequence number under which something of the key was opened or sealed, as far as this cache knows. */
  reachedSeqNo(key: GroupKey): number {
    return this.#chains.get(key.keyIdText())?.reachedSeqNo ?? 0
  }

  /** To be said only of what proved to be made under the key: else anybody moves the limit on. */
  reach(key: GroupKey, seqNo: number): void {
    const chain = this.#chain(key)
    chain.reachedSeqNo = Math.max(chain.reachedSeqNo, seqNo)
  }

  #chain(key: GroupKey): Chain {
    const id = key.keyIdText()
    const chain = this.#chains.get(id) ?? new Chain(key.secret())
    this.#chains.delete(id)
    this.#chains.set(id, chain)
    if (this.#chains.size > this.#maxKeys) this.#chains.delete(this.#chains.keys().next().value as string)
    return chain
  }
}

async function giveTurn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0))
}
