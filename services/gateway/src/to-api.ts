import type { WakuMessage } from '@annals/archive'
import type { Archive, Community, WakuMessage as ApiMessage } from '@annals/proto/api/v1'
import type { CatalogueArchive, CommunityDocument } from '@annals/storage'

export function toApiCommunity(document: CommunityDocument): Community {
  const { communityId, name, controlNode, joined, archivingOn, chats } = document
  return { communityId, name, controlNode, joined, archivingOn, chats: [...chats] }
}

export function toApiArchive(archive: CatalogueArchive): Archive {
  const { id, from, to, offsetBytes, sizeBytes, paddingBytes, messages, contentTopics } = archive
  return { archiveId: id, from, to, offsetBytes, sizeBytes, paddingBytes, messages, contentTopics: [...contentTopics] }
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

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
