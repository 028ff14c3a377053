import { readFileSync } from 'node:fs'

/** The source of the present; what decides takes the moment as an argument. */
export interface Clock {
  /** Unix milliseconds. */
  nowMilliseconds(): number
  /** Unix seconds, rounded down. */
  nowSeconds(): number
}

export const systemClock: Clock = {
  nowMilliseconds: () => Date.now(),
  nowSeconds: () => Math.floor(Date.now() / 1000),
}

/**
 * A clock that stands in a file as Unix seconds and that somebody else moves: a demonstration or a test lives through
 * months in seconds with it, and two runs make the same archives.
 * @throws at construction and at each reading if the file cannot be read or holds no number
 */
export function fileClock(path: string): Clock {
  const nowSeconds = (): number => {
    const text = readFileSync(path, 'utf8').trim()
    if (!/^\d{1,12}$/.test(text))
      throw new Error(`the clock file ${path} must hold Unix seconds, not "${text.slice(0, 40)}"`)
    return Number(text)
  }
  nowSeconds()
  return { nowSeconds, nowMilliseconds: () => nowSeconds() * 1000 }
}
