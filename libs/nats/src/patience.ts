import { isPassing } from './error-codes.ts'
import type { NatsLink } from './nats-link.ts'

export interface Patience {
  readonly link: NatsLink
  /** In all, with what the work takes itself. */
  readonly seconds: number
  readonly signal?: AbortSignal
}

const pauseMilliseconds = { least: 20, most: 1000 }
const longestWaitMilliseconds = 60_000

/**
 * Does work that may be repeated again and again while what hinders it passes, for a bounded time.
 * @throws what the work threw last
 */
export async function patiently<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  const { link, seconds, signal } = patience
  const deadline = performance.now() + seconds * 1000
  for (let pause = pauseMilliseconds.least; ; pause = Math.min(pause * 2, pauseMilliseconds.most)) {
    try {
      return await work()
    } catch (error) {
      const left = deadline - performance.now()
      if (!isPassing(error) || left <= 0 || signal?.aborted === true) throw error
      const connected = link.state === 'connected'
      if (connected) await pauseFor(Math.min(pause, left), signal)
      else await link.whenConnected(Math.min(left, longestWaitMilliseconds), signal)
    }
  }
}

/** Resolves after a time, or when the signal aborts. */
export async function pauseFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const wake = (): void => resolve()
  const timer = setTimeout(wake, milliseconds)
  signal?.addEventListener('abort', wake)
  await promise
  clearTimeout(timer)
  signal?.removeEventListener('abort', wake)
}
