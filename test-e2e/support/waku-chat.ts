import {
  decryptWakuPayload,
  encryptWakuPayload,
  sign,
  SymmetricKeys,
  unwrapPublicMessage,
  wakuContentTopic,
  wakuPubsubTopic,
  wrapPublicMessage,
} from '@annals/crypto'
import { isWakuNodeError, messageHash, pauseFor, queryStores } from '@annals/waku'
import type { WakuMessage, WakuNode } from '@annals/waku'

const pubsubTopic = wakuPubsubTopic({ clusterId: 16, shard: 32 })
const senderKey = new Uint8Array(32).fill(99)
/** Stores take nothing whose time is further off than 20 s. */
const freshMilliseconds = 15_000
const looksATry = 20
const betweenLooksMilliseconds = 25

/** A message as it went out. */
export interface Sent {
  /** Of the Waku message, hex without 0x. */
  readonly hash: string
  /** Of the chat's messages what tells them apart: the bytes inside, as text. */
  readonly text: string
  readonly message: WakuMessage
}

/** No store had a message while stores would have taken it: it may be somewhere all the same. */
export class MessageNotStoredError extends Error {
  override readonly name = 'MessageNotStoredError'
  readonly hash: string

  constructor(hash: string) {
    super(`no store has the message ${hash}`)
    this.hash = hash
  }
}

/** The network as chat applications use it: no code of the services is in between. */
export class WakuChat {
  readonly #nodes: readonly WakuNode[]
  readonly #keys = new SymmetricKeys()
  readonly #signal = new AbortController().signal

  /** @param nodes each with a store */
  constructor(nodes: readonly WakuNode[]) {
    this.#nodes = nodes
  }

  /** Says something in a chat. @throws MessageNotStoredError */
  async say(
    chat: string,
    text: string,
    options: { readonly by?: readonly WakuNode[]; readonly notBeforeSeconds?: number } = {},
  ): Promise<Sent> {
    return this.send(chat, new TextEncoder().encode(text), options)
  }

  /**
   * Puts a public message on a chat's topic, by one node after the other until the store of one of them has it.
   * @throws MessageNotStoredError
   */
  async send(
    chat: string,
    data: Uint8Array,
    {
      by = this.#nodes,
      notBeforeSeconds = 0,
    }: { readonly by?: readonly WakuNode[]; readonly notBeforeSeconds?: number } = {},
  ): Promise<Sent> {
    const symmetricKey = await this.#keys.of(chat)
    const payload = await encryptWakuPayload({
      data: wrapPublicMessage(data),
      symmetricKey,
      sign: (hash) => sign(senderKey, hash),
    })
    const message: WakuMessage = {
      payload,
      contentTopic: wakuContentTopic(chat),
      meta: new Uint8Array(),
      version: 1,
      timestampNanoseconds: BigInt(Math.max(Date.now(), notBeforeSeconds * 1000)) * 1_000_000n,
      isEphemeral: false,
    }
    const sent = { hash: messageHash(pubsubTopic, message), text: new TextDecoder().decode(data), message }
    const deadline = performance.now() + freshMilliseconds
    for (let tries = 0; performance.now() < deadline; tries += 1) {
      await unlessAway(by[tries % by.length]?.publish(pubsubTopic, message))
      for (let looks = 0; looks < looksATry; looks += 1) {
        for (const node of by) if (await this.#has(node, sent)) return sent
        await pauseFor(betweenLooksMilliseconds, this.#signal)
      }
    }
    throw new MessageNotStoredError(sent.hash)
  }

  /** Waits until the stores of all nodes have a message. */
  async untilEverywhere(sent: Sent): Promise<void> {
    for (const node of this.#nodes)
      while (!(await this.#has(node, sent))) await pauseFor(betweenLooksMilliseconds, this.#signal)
  }

  /** The hashes of what stores have of chats, together. @throws StoresUnavailableError */
  async storedHashes(chats: readonly string[]): Promise<Set<string>> {
    return new Set((await this.#stored(chats)).map(({ hash }) => hash))
  }

  /** What stores have of a chat, in order of time, as it was sent; nothing of what cannot be opened. */
  async heard(chat: string): Promise<Uint8Array[]> {
    const symmetricKey = await this.#keys.of(chat)
    const stored = await this.#stored([chat])
    return Promise.all(
      stored.map(async ({ message: { payload } }) =>
        unwrapPublicMessage((await decryptWakuPayload(payload, symmetricKey)).data),
      ),
    )
  }

  async #stored(chats: readonly string[]) {
    const topics = chats.map((chat) => ({ pubsubTopic, contentTopic: wakuContentTopic(chat) }))
    const pages = await Array.fromAsync(queryStores({ stores: this.#nodes, topics, signal: this.#signal }))
    return pages.flatMap(({ messages }) => messages)
  }

  async #has(node: WakuNode, { hash, message: { contentTopic, timestampNanoseconds: time } }: Sent): Promise<boolean> {
    const query = { pubsubTopic, contentTopics: [contentTopic], fromNanoseconds: time, toNanoseconds: time }
    return (await unlessAway(node.storedHashes(query)))?.has(hash) === true
  }
}

/** `undefined` where a node is away: another one is asked, or the same one again. */
async function unlessAway<T>(call: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isWakuNodeError(error)) return undefined
    throw error
  }
}
