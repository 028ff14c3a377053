import type { WakuMessage } from '@annals/archive'
import type { EventName, StoredEvent } from '@annals/events'
import { Secret, chatId, contentTopic, keccak256 } from '@annals/crypto'
import { eventId } from '@annals/events'
import type { ServiceContext } from '../service.ts'

const chats = [{ channelId: 'general', name: 'General' }]

/** A private key for each number from 1 to 255. */
export function privateKeyOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number)
}

/** Adds a community that this node controls, with one chat, "general", and its archiving on. */
export async function addControlled(context: ServiceContext, number = 7): Promise<string> {
  const { communityId } = await context.keys.communities.put(new Secret(privateKeyOf(number)))
  const add = { type: 'AddCommunity', controlNode: true, name: 'Test', chats } as const
  await context.registry.execute(communityId, add, 'test')
  await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
  return communityId
}

/** Joins a community that another node controls, with archiving on. */
export async function addMember(context: ServiceContext, communityId: string): Promise<void> {
  const add = { type: 'AddCommunity', controlNode: false, name: 'Test', chats: [] } as const
  await context.registry.execute(communityId, add, 'test')
  await context.registry.execute(communityId, { type: 'EnableArchiving' }, 'test')
}

/** A message of a community's chat; equal arguments make equal messages. */
export function messageOf(
  communityId: string,
  timestamp: number,
  { text = '', channelId = 'general', payloadBytes = 200 } = {},
): WakuMessage {
  const topic = contentTopic(chatId(communityId, channelId))
  const hash = keccak256(new TextEncoder().encode(`${communityId} ${channelId} ${timestamp} ${text}`))
  const sig = new Uint8Array(65).fill(4)
  return {
    sig,
    timestamp,
    topic,
    payload: filled(hash, payloadBytes),
    padding: Uint8Array.of(1),
    hash,
    thirdPartyId: '',
  }
}

/** Puts an `ArchiveDue` into the log and answers it as a handler gets it. */
export async function publishDue(
  context: ServiceContext,
  communityId: string,
  from: number,
  to: number,
  intervalSeconds = 1_000,
): Promise<StoredEvent<'ArchiveDue'>> {
  const id = eventId('ArchiveDue', communityId, `${from}-${to}`)
  await context.bus.publish({ id, name: 'ArchiveDue', communityId, payload: { from, to, intervalSeconds } })
  const due = await eventsOf(context, communityId, 'ArchiveDue')
  return due.find((event) => event.id === id) as StoredEvent<'ArchiveDue'>
}

/** A community's events of a name, in the log's order. */
export async function eventsOf<N extends EventName>(
  context: ServiceContext,
  communityId: string,
  name: N,
): Promise<StoredEvent<N>[]> {
  const events: StoredEvent<N>[] = []
  for await (const event of context.bus.read({ communityId, names: [name] })) events.push(event as StoredEvent<N>)
  return events
}

/** Names and ids of everything in the log about a community, in order. */
export async function log(context: ServiceContext, communityId: string): Promise<string[]> {
  const ids: string[] = []
  for await (const event of context.bus.read({ communityId })) ids.push(event.id.replace(`/${communityId}`, ''))
  return ids
}

/** Resolves with the first event of a name after a position, as soon as it is in the log. */
export async function waitForEvent<N extends EventName>(
  context: ServiceContext,
  communityId: string,
  name: N,
  after = 0,
): Promise<StoredEvent<N>> {
  const found = new AbortController()
  const { signal } = found
  for await (const event of context.bus.read({ communityId, names: [name], after, follow: true, signal })) {
    found.abort()
    return event as StoredEvent<N>
  }
  throw new Error(`the log ended before there was ${name}`)
}

function filled(seed: Uint8Array, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  for (let at = 0; at < sizeBytes; at += 1) bytes[at] = (seed[at % seed.length] ?? 0) ^ (at >> 5)
  return bytes
}
