/** How payloads of a chat become what the network carries, and back (26/WAKU2-PAYLOAD with the chat's symmetric key). */
export interface PayloadCodec {
  /** `/waku/1/0x9c22ff5f/rfc26`. Chats may share one. */
  contentTopicOf(chatId: string): string
  /** Signed and encrypted; other bytes each time. */
  encrypt(chatId: string, payload: Uint8Array): Promise<Uint8Array> | Uint8Array
  /** `undefined` where it is none of the chat's, or damaged: anybody may put anything on a topic. */
  decrypt(chatId: string, encrypted: Uint8Array): Promise<Uint8Array | undefined> | Uint8Array | undefined
}
