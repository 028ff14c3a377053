import { ClockFileError, fileClock } from '@annals/service'
import { timeText } from '../../../output/format.ts'
import { defineCheck, problem, warning } from '../../check.ts'

/** A clock that somebody moves. */
export const clockFile = defineCheck({
  name: 'clock-file',
  looksAt: 'the file in ANNALS_CLOCK',
  seconds: 5,
  kinds: {
    unreadable: problem(
      'ANNALS_CLOCK names a file that cannot be read or holds no Unix seconds',
      'write Unix seconds into the file, or remove ANNALS_CLOCK to go by the machine’s clock',
    ),
    'not-the-machines': warning(
      'ANNALS_CLOCK names a file',
      'remove ANNALS_CLOCK, unless this is a demonstration or a test: archives are made when the file says so',
    ),
  },
  isWanted: ({ config }) => config.clock !== 'system',
  async look({ config }, report) {
    const path = config.clock.slice('file:'.length)
    try {
      const found = `${path} says ${timeText(fileClock(path).nowSeconds())}`
      report('not-the-machines', { found, expected: 'the machine’s clock' })
    } catch (error) {
      if (!(error instanceof ClockFileError)) throw error
      report('unreadable', { found: error.message, expected: 'a file that holds Unix seconds' })
    }
    return ''
  },
})
