import { setTimeout as pause } from 'node:timers/promises'

/** Resolves after so many milliseconds, or at once when the signal aborts; that it did is for the caller to see. */
export async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(milliseconds, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
