import type { TrackerRefusal } from './tracker-limits.ts'

/** The tracker does not do what it is asked for. The message goes to whoever asked. */
export class TrackerRefusalError extends Error {
  override readonly name = 'TrackerRefusalError'
  readonly reason: TrackerRefusal

  constructor(reason: TrackerRefusal, message: string) {
    super(message)
    this.reason = reason
  }
}
