import type { WakuMessage } from '@annals/archive'
import type { DeadLetter, StoredEvent } from '@annals/events'
import type {
  Archive,
  Community,
  DeadLetter as ApiDeadLetter,
  Event as ApiEvent,
  GroupKeyInfo as ApiGroupKey,
  WakuMessage as ApiMessage,
} from '@annals/proto/api/v1'
import type { CatalogueArchive, CommunityDocument } from '@annals/storage'
import type { GroupKeyInfo } from '@annals/keys'
import { toHex } from '@annals/crypto'
import { eventCodecs, isEventName } from '@annals/events'

export function toApiCommunity(document: CommunityDocument): Community {
  const { communityId, name, controlNode, joined, archivingOn, chats, public: isPublic } = document
  return { communityId, name, controlNode, joined, archivingOn, chats: [...chats], public: isPublic }
}

/** @param waitsForKey the name of the key without which it cannot be read; empty where it waits for none */
export function toApiArchive(archive: CatalogueArchive, waitsForKey: string): Archive {
  const { id, from, to, offsetBytes, sizeBytes, paddingBytes, messages, contentTopics } = archive
  const place = { offsetBytes, sizeBytes, paddingBytes }
  return { archiveId: id, from, to, ...place, messages, contentTopics: [...contentTopics], waitsForKey }
}

export function toApiGroupKey({ communityId, keyId, groupId, timestampMilliseconds }: GroupKeyInfo): ApiGroupKey {
  return { communityId, keyId: toHex(keyId), groupId: toHex(groupId), timestampMilliseconds }
}

/** Shares the bytes with the message. */
export function toApiMessage(message: WakuMessage): ApiMessage {
  const { sig, timestamp, topic, payload, padding, hash, thirdPartyId } = message
  return {
    sig: buffer(sig),
    timestamp,
    topic: buffer(topic),
    payload: buffer(payload),
    padding: buffer(padding),
    hash: buffer(hash),
    thirdPartyId,
  }
}

export function toApiEvent(event: StoredEvent): ApiEvent {
  const { sequence, id, name, communityId, timeMilliseconds, source, traceparent = '' } = event
  const envelope = { sequence, id, name, communityId, timeMilliseconds, source, traceparent, payload: undefined }
  // A dead letter may be of a name that this version does not know.
  if (!isEventName(name)) return envelope
  // The codec belongs to the payload by the event's name, which the type cannot follow through the look-up.
  const codec = eventCodecs[name] as { encode(payload: unknown): { finish(): Uint8Array } }
  const value = Buffer.from(codec.encode(event.payload).finish())
  return { ...envelope, payload: { typeUrl: `type.googleapis.com/annals.events.v1.${name}`, value } }
}

export function toApiDeadLetter(letter: DeadLetter): ApiDeadLetter {
  const { id, consumer, event, deliveries, error, timeMilliseconds } = letter
  return { id, consumer, event: toApiEvent(event), deliveries, error, timeMilliseconds }
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
