import type { WakuMessage } from '@annals/archive'
import type { ImportIdentity, ImportRecord } from '@annals/imports'
import type {
  Chat,
  ImportMessagesRequest,
  ImportMessagesResponse,
  ImportRecord as ApiRecord,
  Rejection,
} from '@annals/proto/api/v1'
import type { CommunityDocument } from '@annals/storage'
import { AlreadyLeftError } from '@annals/community'
import {
  RepeatWindow,
  importIdentity,
  importedChannelId,
  importedMessageHash,
  mapRecord,
  recordProblem,
} from '@annals/imports'
import { checkBatchLength, controlledCommunity } from '../check-request.ts'
import { ConcurrentChangeError, InvalidRequestError, NotControlNodeError } from '../gateway-errors.ts'
import type { CallContext } from '../server/calls.ts'

const chatAttempts = 5
const messagesLookedAt = 4
/** Signing is work for the processor alone; after so many the node's other work has its turn. */
const signaturesAtOnce = 100

/**
 * Signs and stores each request's records, then answers it. A channel becomes a chat before its first message is stored,
 * so that no archive is made without it.
 */
export async function* importMessages(
  context: CallContext,
  requests: AsyncIterable<ImportMessagesRequest>,
): AsyncIterable<ImportMessagesResponse> {
  let identity: ImportIdentity | undefined
  const window = new RepeatWindow()
  let done = 0
  for await (const { communityId, records } of requests) {
    checkBatchLength(records.length, 'records')
    identity ??= await identityOf(context, communityId)
    if (communityId !== '' && communityId !== identity.communityId)
      throw new InvalidRequestError({ field: 'community_id', description: 'must be the same in all requests' })
    const { good, rejected, repeated } = sort(records, window)
    const newChats = await addChats(context, identity.communityId, good)
    const unknown = await withoutKnown(context, identity.communityId, good)
    const messages = await signAll(unknown, identity, context.signal)
    const ingested = await context.messages.ingest(identity.communityId, messages, 'pending')
    const { stored, known } = { ...ingested, known: ingested.known + good.length - unknown.length }
    done += records.length
    context.progress.report({ task: 'import', communityId: identity.communityId, done, unit: 'messages' })
    yield { stored, known, repeated, rejected, newChats }
  }
}

async function identityOf(context: CallContext, communityId: string): Promise<ImportIdentity> {
  const community = await controlledCommunity(context, communityId)
  if (!community.joined) throw new AlreadyLeftError(communityId)
  // Every record is a message of its own to sign: nobody asks an owner thousands of times.
  const privateKey = await context.keys.communities.get(communityId)
  if (privateKey === undefined) throw new NotControlNodeError(communityId)
  context.prepareSigning()
  return importIdentity(communityId, privateKey)
}

function sort(
  records: readonly ApiRecord[],
  window: RepeatWindow,
): { good: ImportRecord[]; rejected: Rejection[]; repeated: number } {
  const good: ImportRecord[] = []
  const rejected: Rejection[] = []
  let repeated = 0
  for (const [index, record] of records.entries()) {
    const reason = recordProblem(record)
    if (reason !== undefined) rejected.push({ index, reason })
    else if (window.seen(record.sourceId)) repeated++
    else good.push(record)
  }
  return { good, rejected, repeated }
}

/** Makes chats of channels that are none yet, and answers them. */
async function addChats(context: CallContext, communityId: string, records: readonly ImportRecord[]): Promise<Chat[]> {
  const channels = new Map(
    records.map((record) => [importedChannelId(communityId, record.channelId), record.channelName || record.channelId]),
  )
  let missing = lacking(channels, await controlledCommunity(context, communityId))
  const added = missing
  // Of two commands decided on the same state, the log keeps the first: who comes second decides again.
  for (let attempt = 0; missing.length > 0; attempt++) {
    if (attempt === chatAttempts) throw new ConcurrentChangeError(communityId)
    const { chats } = await controlledCommunity(context, communityId)
    const command = { type: 'ChangeChats', chats: [...chats, ...missing] } as const
    missing = lacking(channels, await context.registry.execute(communityId, command, 'gateway'))
  }
  return added
}

function lacking(channels: ReadonlyMap<string, string>, { chats }: CommunityDocument): Chat[] {
  const held = new Set(chats.map((chat) => chat.channelId))
  return [...channels].filter(([channelId]) => !held.has(channelId)).map(([channelId, name]) => ({ channelId, name }))
}

/**
 * Leaves out records whose messages are here, so that doing an import again does not sign everything again. Looks no
 * further than a few messages a record; one that is missed is signed, and the store knows it all the same.
 */
async function withoutKnown(
  context: CallContext,
  communityId: string,
  records: readonly ImportRecord[],
): Promise<readonly ImportRecord[]> {
  const times = records.map(({ timestamp }) => timestamp)
  const range = { from: Math.min(...times), to: Math.max(...times) + 1 }
  const held = new Set<string>()
  let looked = 0
  if (records.length > 0)
    for await (const batch of context.messages.range(communityId, range)) {
      for (const { hash } of batch) held.add(hex(hash))
      looked += batch.length
      if (looked > records.length * messagesLookedAt) break
    }
  return records.filter(({ sourceId }) => !held.has(hex(importedMessageHash(communityId, sourceId))))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

async function signAll(
  records: readonly ImportRecord[],
  identity: ImportIdentity,
  signal: AbortSignal,
): Promise<WakuMessage[]> {
  const messages: WakuMessage[] = []
  for (const record of records) {
    messages.push(mapRecord(record, identity))
    if (messages.length % signaturesAtOnce !== 0) continue
    await new Promise(setImmediate)
    signal.throwIfAborted()
  }
  return messages
}
