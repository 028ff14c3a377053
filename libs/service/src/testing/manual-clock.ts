import type { Clock } from '../clock.ts'

/** A clock that stands until the test moves it. */
export class ManualClock implements Clock {
  /** Unix seconds. */
  now = 1_700_000_000

  nowSeconds(): number {
    return this.now
  }

  nowMilliseconds(): number {
    return this.now * 1000
  }
}
