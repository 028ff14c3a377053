import { randomBytes } from 'node:crypto'
import { testNatsUrl } from '@annals/local-servers/testing'
import { callJetStream, connectNats, type NatsLink } from '@annals/nats'
import type { EventBus } from '../../event-bus.ts'
import type { EventBusHarness } from '../../testing/event-bus-harness.ts'
import { busStreams } from '../bus-streams.ts'
import { openNatsBus } from '../open-nats-bus.ts'

/** Short, so that a test need not wait long for what a killed process had. */
export const ackWaitSeconds = 1

export function newNamespace(): string {
  return `test-${randomBytes(6).toString('hex')}`
}

/** Removes the streams of a namespace. */
export async function removeBus(link: NatsLink, namespace: string): Promise<void> {
  for (const { name } of busStreams(namespace, 1)) await callJetStream(link, `STREAM.DELETE.${name}`)
}

/** A bus under a namespace of its own on the server of this test run. */
export async function openNatsHarness(): Promise<EventBusHarness> {
  const namespace = newNamespace()
  const opened: { readonly link: NatsLink; readonly bus: EventBus }[] = []
  const open = async (): Promise<EventBus> => {
    const link = await connectNats({ servers: testNatsUrl(), name: namespace })
    const bus = await openNatsBus({ link, namespace, replicas: 1, ackWaitSeconds })
    opened.push({ link, bus })
    return bus
  }
  const bus = await open()
  return {
    bus,
    async restart() {
      const last = opened.at(-1)
      await last?.bus[Symbol.asyncDispose]()
      await last?.link[Symbol.asyncDispose]()
      return open()
    },
    async crash() {
      await opened.at(-1)?.link.connection.close()
      return open()
    },
    async [Symbol.asyncDispose]() {
      for (const { bus } of opened) await bus[Symbol.asyncDispose]()
      const link = opened.at(-1)?.link
      if (link !== undefined) await removeBus(link, namespace)
      for (const { link } of opened) await link[Symbol.asyncDispose]()
    },
  }
}
