import { DeadLetter } from '@annals/proto/api/v1'
import type { Client } from '../api/client.ts'

/** An event that a consumer gave up. */
export interface Letter {
  readonly id: number
  readonly consumer: string
  readonly eventName: string
  readonly eventId: string
  readonly communityId: string
  readonly deliveries: number
  readonly error: string
  readonly timeMilliseconds: number
}

const mostLetters = 200

/** The first dead letters. @throws what `Client.ask` throws */
export async function listLetters(
  client: Client,
  signal: AbortSignal,
): Promise<{ readonly letters: readonly Letter[]; readonly isMore: boolean }> {
  const answer = (await client.ask('/dead-letters', { query: { limit: mostLetters + 1 }, signal })) as {
    items?: { deadLetter?: WireLetter }[]
  }
  const all = (answer.items ?? []).map(({ deadLetter = {} }) => readLetter(deadLetter))
  return { letters: all.slice(0, mostLetters), isMore: all.length > mostLetters }
}

interface WireLetter {
  readonly event?: object
}

/** What is in the event's payload is not shown, and reading it would need Node's buffers. */
function readLetter(wire: WireLetter): Letter {
  const { id, consumer, deliveries, error, timeMilliseconds, event } = DeadLetter.fromJSON({
    ...wire,
    event: { ...wire.event, payload: undefined },
  })
  const { name: eventName = '', id: eventId = '', communityId = '' } = event ?? {}
  return { id, consumer, eventName, eventId, communityId, deliveries, error, timeMilliseconds }
}

/** @throws what `Client.ask` throws */
export async function replayLetter(client: Client, id: number): Promise<void> {
  await client.ask(`/dead-letters/${id}/replay`, { method: 'POST' })
}

/** @throws what `Client.ask` throws */
export async function dropLetter(client: Client, id: number): Promise<void> {
  await client.ask(`/dead-letters/${id}`, { method: 'DELETE' })
}
