import { setTimeout } from 'node:timers/promises'
import type { KeptProcess } from '@annals/annals'

const lookMilliseconds = 50

/**
 * Tells a process to stop, as Kubernetes does, and waits until it is at work again.
 * @param program the command line that it runs from then on, where it is another one
 * @returns how it ended: an exit code or a signal
 */
export async function restartProcess(process: KeptProcess, program?: string): Promise<string | undefined> {
  await process.atWork()
  if (program !== undefined) process.program = program
  const { restarts } = process.state
  process.signal('SIGTERM')
  while (process.state.restarts === restarts) await setTimeout(lookMilliseconds)
  const { lastEnding } = process.state
  await process.atWork()
  return lastEnding
}
