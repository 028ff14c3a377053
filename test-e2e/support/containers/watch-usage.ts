import { setTimeout } from 'node:timers/promises'
import type { PodContainer, Usage } from './pod-container.ts'

const betweenLooksMilliseconds = 1_000

/** What a container used over a time. */
export interface UsedOver {
  readonly container: PodContainer
  /** The most at any look. */
  readonly memoryBytes: number
  /** On the average; what a container used before it was killed counts as well. */
  readonly millicores: number
}

/** Looks at containers while work is done. */
export async function watchUsage<T>(
  containers: readonly PodContainer[],
  work: Promise<T>,
): Promise<{ readonly result: T; readonly used: readonly UsedOver[] }> {
  const done = new AbortController()
  const watching = containers.map((container) => watch(container, done.signal))
  try {
    const result = await work
    done.abort()
    return { result, used: await Promise.all(watching) }
  } finally {
    done.abort()
    await Promise.allSettled(watching)
  }
}

async function watch(container: PodContainer, signal: AbortSignal): Promise<UsedOver> {
  const began = performance.now()
  let last: Usage = await container.usage()
  let { memoryBytes } = last
  let cpuSeconds = 0
  while (!signal.aborted) {
    await setTimeout(betweenLooksMilliseconds, undefined, { signal }).catch(() => {})
    const now = await container.usage()
    memoryBytes = Math.max(memoryBytes, now.memoryBytes)
    // Less than before: it was started anew, or is not running at this moment.
    cpuSeconds += now.cpuSeconds < last.cpuSeconds ? now.cpuSeconds : now.cpuSeconds - last.cpuSeconds
    last = now
  }
  return { container, memoryBytes, millicores: (cpuSeconds * 1e6) / (performance.now() - began) }
}
