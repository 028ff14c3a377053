import { problem, warning } from './check.ts'

/** Of what a clock says and when it was asked, Unix milliseconds. */
export interface ClockReading {
  readonly theirs: number
  readonly askedAt: number
  readonly answeredAt: number
}

const warnSeconds = 2
const wrongSeconds = 60

export const clockKinds = {
  differs: warning(
    'the clocks are more than 2 s apart',
    'switch on time synchronisation on both machines (chrony, systemd-timesyncd): leases and waits go by the clock',
  ),
  wrong: problem(
    'the clocks are more than 60 s apart',
    'set the clock that is wrong, and switch on time synchronisation (chrony, systemd-timesyncd): work is taken from processes that are at it, and archives are made too early or too late',
  ),
}

/** By how much their clock is ahead of this machine's, seconds, counted from where it could have stood the nearest. */
export function secondsApart({ theirs, askedAt, answeredAt }: ClockReading): number {
  if (theirs < askedAt) return (theirs - askedAt) / 1000
  return theirs > answeredAt ? (theirs - answeredAt) / 1000 : 0
}

/** Which finding a difference is. */
export function findClockFault(seconds: number): 'differs' | 'wrong' | undefined {
  if (Math.abs(seconds) > wrongSeconds) return 'wrong'
  return Math.abs(seconds) > warnSeconds ? 'differs' : undefined
}

export function apartText(seconds: number): string {
  if (seconds === 0) return 'they agree, as far as can be measured'
  return `the server’s is ${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine’s`
}
