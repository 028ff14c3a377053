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

/** The file that stands for a clock cannot be read, or holds no moment. */
export class ClockFileError extends Error {
  override readonly name = 'ClockFileError'
  readonly path: string
  /** What it holds, cut to 40 characters; absent where it cannot be read. */
  readonly found: string | undefined

  constructor(path: string, found: string | undefined, cause?: unknown) {
    super(
      found === undefined
        ? `the clock file ${path} cannot be read: it must be a file that holds Unix seconds`
        : `the clock file ${path} must hold Unix seconds, not "${found}"`,
      { cause },
    )
    this.path = path
    this.found = found
  }
}

/**
 * A clock that stands in a file as Unix seconds and that somebody else moves: a demonstration or a test lives through
 * months in seconds with it, and two runs make the same archives.
 * @throws ClockFileError at construction and at each reading
 */
export function fileClock(path: string): Clock {
  const nowSeconds = (): number => readClockFile(path)
  nowSeconds()
  return { nowSeconds, nowMilliseconds: () => nowSeconds() * 1000 }
}

function readClockFile(path: string): number {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new ClockFileError(path, undefined, error)
  }
  if (!/^\d{1,12}$/.test(text)) throw new ClockFileError(path, text.slice(0, 40))
  return Number(text)
}
