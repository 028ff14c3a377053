import { InvalidArgumentError, Option } from 'commander'

/** For options that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a whole number is expected')
}

export interface UntilStdinEnds {
  readonly untilStdinEnds?: boolean
}

/** For programs that start this one: it stops in order when they are gone, however they ended. */
export function untilStdinEnds(): Option {
  return new Option('--until-stdin-ends', 'stop when standard input ends').hideHelp()
}

/** For arguments of which there may be several. */
export function collectNumbers(text: string, before: readonly number[] = []): number[] {
  return [...before, wholeNumber(text)]
}
