import { describe, expect, it } from 'vitest'
import { ServerUnavailableError, WayClosedError } from './errors.ts'
import { findProgram } from './find-program.ts'
import type { Way } from './find-program.ts'
import type { ServerProgram } from './server-program.ts'

function ways(tried: string[], outcomes: Readonly<Record<string, 'open' | Error>>): readonly Way[] {
  return Object.entries(outcomes).map(([name, outcome]) => ({
    name,
    async find(): Promise<ServerProgram> {
      tried.push(name)
      if (outcome instanceof Error) throw outcome
      return { origin: name, launch: () => Promise.reject(new Error('is not launched here')) }
    },
  }))
}

const closed = new WayClosedError('it is closed', 'Open it')

describe('the ways to a server', () => {
  it('takes the first that is open, and tries none after it', async () => {
    const tried: string[] = []
    const { origin } = await findProgram('NATS', ways(tried, { path: closed, docker: 'open', cache: 'open' }))
    expect({ origin, tried }).toStrictEqual({ origin: 'docker', tried: ['path', 'docker'] })
  })

  it('says of each why it is closed and what to do, in their order, where all are', async () => {
    const other = new WayClosedError('there is no engine', 'Start one')
    const found = findProgram('NATS', ways([], { path: closed, docker: other }))
    await expect(found).rejects.toThrow(ServerUnavailableError)
    await expect(found).rejects.toMatchObject({
      server: 'NATS',
      ways: [
        { way: 'path', reason: 'it is closed', advice: 'Open it' },
        { way: 'docker', reason: 'there is no engine', advice: 'Start one' },
      ],
    })
  })

  it('does not take another way where one fails with anything else', async () => {
    const tried: string[] = []
    const failure = new Error('the disk is full')
    await expect(findProgram('NATS', ways(tried, { path: failure, docker: 'open' }))).rejects.toBe(failure)
    expect(tried).toStrictEqual(['path'])
  })
})
