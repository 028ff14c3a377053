/** An event that waits for its handler, or that is with it. */
export interface Waiting {
  readonly sequence: number
  readonly communityId: string
  /** Hand-outs before this one. */
  readonly attempts: number
  /** How many of them the end of the process cut off. */
  readonly interrupted: number
}

/**
 * Decides what goes to the handler next: one event of a community at a time, its events in the order in which they
 * came in, the communities in turn.
 */
export class DeliveryQueue<W extends Waiting = Waiting> {
  readonly #concurrency: number
  readonly #waiting = new Map<string, W[]>()
  readonly #withHandler = new Set<string>()
  /** Communities that have something waiting and nothing with the handler. */
  readonly #ready = new Set<string>()
  #size = 0

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  /** Events that wait. */
  get size(): number {
    return this.#size
  }

  /** Events that are with the handler. */
  get busy(): number {
    return this.#withHandler.size
  }

  /** How many more communities the handler could serve than what waits here allows. */
  get room(): number {
    return Math.max(0, this.#concurrency - this.#withHandler.size - this.#ready.size)
  }

  /** True while the handler could do more than what waits here allows. */
  get hungry(): boolean {
    return this.room > 0
  }

  add(event: W): void {
    const waiting = this.#waiting.get(event.communityId)
    if (waiting === undefined) this.#waiting.set(event.communityId, [event])
    else waiting.push(event)
    this.#size += 1
    if (!this.#withHandler.has(event.communityId)) this.#ready.add(event.communityId)
  }

  /** What may go to the handler now; `start` says that it does. */
  startable(): W[] {
    const startable: W[] = []
    for (const communityId of this.#ready) {
      if (this.#withHandler.size + startable.length >= this.#concurrency) break
      const first = this.#waiting.get(communityId)?.[0]
      if (first !== undefined) startable.push(first)
    }
    return startable
  }

  start(event: W): void {
    const waiting = this.#waiting.get(event.communityId)
    waiting?.shift()
    if (waiting?.length === 0) this.#waiting.delete(event.communityId)
    this.#size -= 1
    this.#ready.delete(event.communityId)
    this.#withHandler.add(event.communityId)
  }

  /** Takes out all that waits. */
  clear(): W[] {
    const all = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    this.#ready.clear()
    this.#size = 0
    return all
  }

  finish(communityId: string): void {
    this.#withHandler.delete(communityId)
    if (this.#waiting.has(communityId)) this.#ready.add(communityId)
  }
}
