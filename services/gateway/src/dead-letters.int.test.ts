import type { DeadLetter } from '@annals/proto/api/v1'
import type { EventHandler } from '@annals/events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { eventCodecs, eventId } from '@annals/events'
import { status } from '@grpc/grpc-js'
import type { TestGateway } from './testing/test-gateway.ts'
import { ask, failure, startTestGateway } from './testing/test-gateway.ts'

const ids = [1, 2].map((byte) => communityIdOfPrivateKey(new Uint8Array(32).fill(byte)))
const [one = '', two = ''] = ids

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
  for (const communityId of ids) {
    const id = eventId('Unseeded', communityId, 'x')
    await gateway.context.bus.publish(
      { id, name: 'Unseeded', communityId, payload: { infoHash: 'ab', reason: 'gone' } },
      { source: 'seeder' },
    )
  }
  for (const consumer of ['first', 'second'])
    await consume(consumer, () => Promise.reject(new Error(`${consumer} has no disk`)))
})
afterAll(() => gateway[Symbol.asyncDispose]())

async function consume(name: string, handler: EventHandler<'Unseeded'>): Promise<void> {
  const spec = { name, events: ['Unseeded'], maxDeliveries: 1, backoffSeconds: [], concurrency: 1 } as const
  await using consumption = await gateway.context.bus.consume(spec, handler)
  await consumption.idle()
}

async function list(request: { consumer?: string; communityId?: string; after?: number } = {}): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = []
  for await (const { deadLetter } of gateway.client.listDeadLetters({
    consumer: '',
    communityId: '',
    after: 0,
    ...request,
  }))
    letters.push(deadLetter as DeadLetter)
  return letters
}

describe('dead letters', () => {
  it('are listed with consumer, event and error, those of a consumer or a community alone where that is asked', async () => {
    const letters = await list()
    expect(letters.map(({ consumer, event }) => [consumer, event?.communityId])).toEqual([
      ['first', one],
      ['first', two],
      ['second', one],
      ['second', two],
    ])
    const [letter] = letters
    expect(letter).toMatchObject({
      deliveries: 1,
      error: expect.stringContaining('first has no disk'),
      event: { id: eventId('Unseeded', one, 'x'), name: 'Unseeded', source: 'seeder' },
    })
    expect(letter?.timeMilliseconds).toBeGreaterThan(0)
    const payload = letter?.event?.payload?.value ?? new Uint8Array()
    expect(eventCodecs.Unseeded.decode(payload)).toEqual({ infoHash: 'ab', reason: 'gone' })
    expect((await list({ consumer: 'second' })).map(({ id }) => id)).toEqual(letters.slice(2).map(({ id }) => id))
    expect((await list({ consumer: 'second', communityId: two })).map(({ id }) => id)).toEqual([letters[3]?.id])
    expect(await list({ consumer: 'third' })).toEqual([])
    expect(await failure(list({ communityId: 'x' }))).toMatchObject({ fields: ['community_id'] })
  })

  it('are shown one by one', async () => {
    const [, letter] = await list()
    expect((await ask(gateway.client, 'getDeadLetter', { id: letter?.id ?? 0 })).deadLetter).toEqual(letter)
  })

  it('go to their consumer again, once', async () => {
    const [letter] = await list({ consumer: 'second' })
    await ask(gateway.client, 'replayDeadLetter', { id: letter?.id ?? 0 })
    const seen: string[] = []
    await consume('second', async ({ id }) => void seen.push(id))
    expect(seen).toEqual([letter?.event?.id])
    expect((await list({ consumer: 'second' })).map(({ id }) => id)).not.toContain(letter?.id)
  })

  it('are dropped for good', async () => {
    const [letter] = await list({ consumer: 'first' })
    const id = letter?.id ?? 0
    await ask(gateway.client, 'dropDeadLetter', { id })
    for (const method of ['getDeadLetter', 'replayDeadLetter', 'dropDeadLetter'] as const)
      expect(await failure(ask(gateway.client, method, { id }))).toMatchObject({
        code: status.NOT_FOUND,
        reason: 'DEAD_LETTER_UNKNOWN',
        metadata: { deadLetterId: String(id) },
      })
  })
})
