import { NatsPermissionError } from '@annals/nats'
import { describe, expect, it } from 'vitest'
import type { Check } from './check.ts'
import { NotCheckedError, problem, warning } from './check.ts'
import { DoctorContext } from './doctor-context.ts'
import type { Result } from './run-checks.ts'
import { runChecks } from './run-checks.ts'

const kinds = { bad: problem('it is bad', 'make it good'), odd: warning('it is odd', 'look at it') }

function check(name: string, look: Check<keyof typeof kinds>['look'], rest: Partial<Check> = {}): Check {
  return { name, looksAt: 'a thing', seconds: 60, kinds, ...rest, look }
}

async function resultsOf(...checks: Check[]): Promise<Result[]> {
  const outcomes = await runChecks(checks, new DoctorContext({ env: {} }))
  return outcomes.map(({ result }) => result)
}

describe('checks', () => {
  it('say what is there, or else what is wrong and what to do, in their order', async () => {
    const slow = Promise.withResolvers<string>()
    const all = resultsOf(
      check('slow', () => slow.promise),
      check('wrong', async (_context, report) => {
        report('bad', { about: 'one', found: 'nothing', expected: 'something' })
        report('odd', { found: 'three' })
        slow.resolve('fine')
        return 'not said'
      }),
    )
    expect(await all).toStrictEqual([
      { check: 'slow', verdict: 'ok', found: 'fine' },
      {
        check: 'wrong',
        verdict: 'problem',
        kind: 'bad',
        about: 'one',
        found: 'nothing',
        expected: 'something',
        advice: 'make it good',
      },
      { check: 'wrong', verdict: 'warning', kind: 'odd', found: 'three', advice: 'look at it' },
    ])
  })

  it('do not disturb each other, and tell of an error that they do not know', async () => {
    const [failed, fine] = await resultsOf(
      check('failed', () => Promise.reject(new Error('no such luck'))),
      check('fine', async () => 'fine'),
    )
    expect(failed).toMatchObject({ verdict: 'problem', kind: 'failed', found: 'no such luck' })
    expect(fine).toMatchObject({ verdict: 'ok' })
  })

  it('end when their time is over, are told so, and are not heard any more', async () => {
    const late = Promise.withResolvers<void>()
    let wasTold = false
    const results = resultsOf(
      check(
        'late',
        async (_context, report, signal) => {
          report('odd', { found: 'in time' })
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          wasTold = true
          report('bad', { found: 'too late' })
          late.resolve()
          return ''
        },
        { seconds: 0.01 },
      ),
    )
    await late.promise
    expect((await results).map(({ kind }) => kind)).toStrictEqual(['odd', 'time-out'])
    expect(wasTold).toBe(true)
  })

  it('say why nothing could be said: what they need is not there, or may not be asked', async () => {
    const results = await resultsOf(
      check('no-server', () => Promise.reject(new NotCheckedError('no server'))),
      check('refused', () => Promise.reject(new NatsPermissionError('publish', '$JS.API.INFO'))),
    )
    expect(results.map(({ verdict }) => verdict)).toStrictEqual(['not checked', 'not checked'])
    expect(results[0]).toMatchObject({ found: 'no server' })
    expect(results[1]?.found).toContain('$JS.API.INFO')
  })

  it('are left out where there is nothing to look at', async () => {
    expect(await resultsOf(check('none', async () => 'never', { isWanted: () => false }))).toStrictEqual([])
  })
})
