import type { Followed } from './followed.ts'
import { appOf, isAvailable } from './resource.ts'
import type { Pod } from './resource.ts'

/** How many pods of each service were available at the worst moment. */
export class LeastAvailable implements Disposable {
  readonly #least: Map<string, number>
  readonly #listening: Disposable

  constructor(pods: Followed<Pod>) {
    this.#least = countAvailable(pods.items)
    this.#listening = pods.onChange(() => {
      const now = countAvailable(pods.items)
      for (const [app, least] of this.#least) this.#least.set(app, Math.min(least, now.get(app) ?? 0))
    })
  }

  of(app: string): number {
    return this.#least.get(app) ?? 0
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]()
  }
}

function countAvailable(pods: readonly Pod[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const pod of pods) {
    const app = appOf(pod)
    counts.set(app, (counts.get(app) ?? 0) + Number(isAvailable(pod)))
  }
  return counts
}
