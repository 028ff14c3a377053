import type { Client } from '../api/client.ts'
import { ListDeadLettersResponse } from '@annals/proto/api/v1'

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
    items?: unknown[]
  }
  const all = (answer.items ?? []).map((each) => toLetter(ListDeadLettersResponse.fromJSON(each)))
  return { letters: all.slice(0, mostLetters), isMore: all.length > mostLetters }
}

function toLetter({ deadLetter }: ListDeadLettersResponse): Letter {
  const { id = 0, consumer = '', deliveries = 0, error = '', timeMilliseconds = 0, event } = deadLetter ?? {}
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
