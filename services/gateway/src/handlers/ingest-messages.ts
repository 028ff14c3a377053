import type { WakuMessage } from '@annals/archive'
import type {
  IngestMessagesRequest,
  IngestMessagesResponse,
  Rejection,
  WakuMessage as ApiMessage,
} from '@annals/proto/api/v1'
import { AlreadyLeftError } from '@annals/community'
import { checkBatchLength, knownCommunity } from '../check-request.ts'
import type { CallContext } from '../server/calls.ts'

/** The largest time that a message of status-go can have: uint32 seconds. */
const maxTimestampSeconds = 0xffff_ffff
const maxThirdPartyIdLength = 512

/** Stores each request's messages, then answers it. Those of chats that the community does not have yet are kept as well. */
export async function* ingestMessages(
  context: CallContext,
  requests: AsyncIterable<IngestMessagesRequest>,
): AsyncIterable<IngestMessagesResponse> {
  for await (const { communityId, messages } of requests) {
    checkBatchLength(messages.length, 'messages')
    const community = await knownCommunity(context, communityId)
    if (!community.joined) throw new AlreadyLeftError(communityId)
    const good: WakuMessage[] = []
    const rejected: Rejection[] = []
    for (const [index, message] of messages.entries()) {
      const reason = messageProblem(message)
      if (reason === undefined) good.push(message)
      else rejected.push({ index, reason })
    }
    yield { ...(await context.messages.ingest(communityId, good, 'pending')), rejected }
  }
}

/** What makes a message useless, in words. */
function messageProblem({ sig, timestamp, topic, hash, thirdPartyId }: ApiMessage): string | undefined {
  if (timestamp < 1 || timestamp > maxTimestampSeconds)
    return `timestamp is ${timestamp}; Unix seconds from 1 to ${maxTimestampSeconds} are expected`
  if (topic.length !== 4) return `topic has ${topic.length} bytes; 4 are expected`
  if (hash.length !== 32) return `hash has ${hash.length} bytes; 32 are expected`
  if (sig.length !== 0 && sig.length !== 65) return `sig has ${sig.length} bytes; 0 or 65 are expected`
  if (thirdPartyId.length > maxThirdPartyIdLength)
    return `third_party_id is longer than ${maxThirdPartyIdLength} characters`
  return undefined
}
