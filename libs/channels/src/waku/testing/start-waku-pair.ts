import { startWaku } from '@annals/local-servers'
import type { WakuServer } from '@annals/local-servers'
import { messageHash, openWakuNode, pauseFor } from '@annals/waku'
import type { WakuMessage, WakuNode } from '@annals/waku'

/** Two real nodes with stores; the second one dials the first one, through the first one's link. */
export interface WakuPair extends AsyncDisposable {
  readonly first: WakuServer
  readonly second: WakuServer
  /** Resolves once what is published on the second one comes to the first one. */
  untilLinked(): Promise<void>
}

export const testPubsubTopic = '/waku/2/rs/16/32'

/** @throws ServerUnavailableError, ServerStartError */
export async function startWakuPair(): Promise<WakuPair> {
  await using opened = new AsyncDisposableStack()
  const first = opened.use(await startWaku())
  const second = opened.use(await startWaku({ peers: [first.multiaddr] }))
  const untilLinked = (): Promise<void> => untilHeard(nodeOf(second), nodeOf(first))
  await untilLinked()
  const owned = opened.move()
  return { first, second, untilLinked, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A client with short waits, so that a node that is away is known as such soon. */
export function nodeOf(server: { readonly url: string }): WakuNode {
  return openWakuNode({ url: server.url, timeoutMilliseconds: 2_000, requestsPerSecond: 1_000 })
}

async function untilHeard(from: WakuNode, by: WakuNode): Promise<void> {
  for (;;) {
    const message: WakuMessage = {
      payload: crypto.getRandomValues(new Uint8Array(8)),
      contentTopic: '/waku/1/0x00000000/rfc26',
      meta: new Uint8Array(),
      version: 1,
      timestampNanoseconds: BigInt(Date.now()) * 1_000_000n,
      isEphemeral: false,
    }
    await from.publish(testPubsubTopic, message)
    const { contentTopic, timestampNanoseconds: time } = message
    const query = { pubsubTopic: testPubsubTopic, contentTopics: [contentTopic] }
    for (let looks = 0; looks < 10; looks += 1) {
      const hashes = await by.storedHashes({ ...query, fromNanoseconds: time, toNanoseconds: time })
      if (hashes.has(messageHash(testPubsubTopic, message))) return
      await pauseFor(20, new AbortController().signal)
    }
  }
}
