import type { TestGateway } from '@annals/gateway/testing'
import type { EventHandler } from '@annals/events'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { eventId } from '@annals/events'
import { startTestGateway } from '@annals/gateway/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli, runJson } from './testing/run-cli.ts'

interface Letter {
  readonly id: number
  readonly consumer: string
  readonly deliveries: number
  readonly error: string
  readonly event: { readonly id: string; readonly communityId: string; readonly payload: unknown }
}

const ids = [1, 2].map((byte) => communityIdOfPrivateKey(new Uint8Array(32).fill(byte)))
const [one = '', two = ''] = ids

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startTestGateway()
  for (const communityId of ids) {
    const id = eventId('Unseeded', communityId, 'x')
    await gateway.context.bus.publish({
      id,
      name: 'Unseeded',
      communityId,
      payload: { infoHash: 'ab', reason: 'gone' },
    })
  }
  for (const consumer of ['first', 'second'])
    await consume(consumer, () => Promise.reject(new Error('no \u001b[31mdisk\nno paper')))
})
afterEach(() => gateway[Symbol.asyncDispose]())

async function consume(name: string, handler: EventHandler<'Unseeded'>): Promise<void> {
  const spec = { name, events: ['Unseeded'], maxDeliveries: 1, backoffSeconds: [], concurrency: 1 } as const
  await using consumption = await gateway.context.bus.consume(spec, handler)
  await consumption.idle()
}

async function replayed(name: string): Promise<string[]> {
  const seen: string[] = []
  await consume(name, async ({ communityId }) => void seen.push(communityId))
  return seen
}

const env = (): Record<string, string> => ({ ANNALS_DATA: gateway.context.config.dataFolder })
const list = (...args: string[]): Promise<Letter[]> => runJson(['dead-letters', 'list', ...args], env())

describe('dead-letters', () => {
  it('lists what was given up, for programs and for people, a line each', async () => {
    const letters = await list()
    expect(letters.map(({ consumer, event }) => [consumer, event.communityId])).toEqual([
      ['first', one],
      ['first', two],
      ['second', one],
      ['second', two],
    ])
    expect(letters[0]).toMatchObject({ deliveries: 1, error: expect.stringContaining('no paper') })
    expect((await list('--consumer', 'second', '--community', two)).map(({ id }) => id)).toEqual([letters[3]?.id])
    const { exitCode, stdout } = await runCli(['dead-letters', 'list'], env())
    expect(exitCode).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(5)
    expect(stdout).toMatch(/first +Unseeded 1 .* 1 .* s .*no disk$/m)
    expect((await runCli(['dead-letters', 'list', '--consumer', 'third'], env())).stdout).toBe('no dead letters\n')
  })

  it('shows one whole', async () => {
    const [letter] = await list()
    expect(await runJson(['dead-letters', 'show', String(letter?.id)], env())).toEqual(letter)
    const { stdout } = await runCli(['dead-letters', 'show', String(letter?.id)], env())
    for (const part of ['no paper', letter?.event.id, '"reason": "gone"']) expect(stdout).toContain(part)
    // oxlint-disable-next-line no-control-regex -- none may be there
    expect(stdout).not.toMatch(/\u001b/)
  })

  it('replays some, goes on where one is not there, and then ends with 1', async () => {
    const [letter] = await list('--consumer', 'second')
    const numbers = [letter?.id, 999, letter?.id].map(String)
    const { exitCode, stdout, stderr } = await runCli(['dead-letters', 'replay', ...numbers, '--json'], env())
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ replayed: [letter?.id], failed: [{ id: 999 }] })
    expect(stderr).toContain('999')
    expect(await replayed('second')).toEqual([one])
  })

  it('replays all that pass a filter, each once, also where they fail again at once', async () => {
    const before = await list('--consumer', 'first')
    const done = await runJson<object>(['dead-letters', 'replay', '--all', '--consumer', 'first'], env())
    expect(done).toEqual({ replayed: before.map(({ id }) => id), failed: [] })
    await consume('first', () => Promise.reject(new Error('still no disk')))
    const after = await list()
    expect(after.filter(({ consumer }) => consumer === 'first')).toMatchObject([
      { error: expect.stringContaining('still') },
      { error: expect.stringContaining('still') },
    ])
    expect(after).toHaveLength(4)
  })

  it('drops what is meant to be dropped only', async () => {
    const [letter, ...others] = await list()
    expect(await runCli(['dead-letters', 'drop', String(letter?.id)], env())).toMatchObject({ exitCode: 2 })
    expect(await list()).toEqual([letter, ...others])
    expect(await runJson(['dead-letters', 'drop', '--yes', String(letter?.id)], env())).toEqual({
      dropped: [letter?.id],
      failed: [],
    })
    expect(await list()).toEqual(others)
    expect((await runCli(['dead-letters', 'show', String(letter?.id)], env())).exitCode).toBe(1)
  })
})

describe('events show', () => {
  it('shows an event by its position and by its id, and ends with 1 where there is none', async () => {
    const id = eventId('Unseeded', two, 'x')
    const event = await runJson(['events', 'show', id], env())
    expect(event).toMatchObject({ sequence: 2, id, communityId: two, payload: { infoHash: 'ab', reason: 'gone' } })
    expect(await runJson(['events', 'show', '2'], env())).toEqual(event)
    const { stdout } = await runCli(['events', 'show', id], env())
    for (const part of [id, '"reason": "gone"']) expect(stdout).toContain(part)
    expect((await runCli(['events', 'show', '3'], env())).exitCode).toBe(1)
    expect((await runCli(['events', 'show', `${id}y`], env())).exitCode).toBe(1)
  })
})
