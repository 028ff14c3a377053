import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { stream } from '@annals/annals'
import { jetstreamManager } from '@nats-io/jetstream'
import type { ClusterNode } from './cluster-node.ts'
import type { LivingNode } from './living-node.ts'
import type { ClusterWorld } from './cluster-world.ts'
import { untilNone } from './until-none.ts'

/** Looks at the consumers until they are at rest, or for so long. */
const patienceMilliseconds = 60_000

/** What of the nodes' events is neither handled nor, after a while, on its way to be; and the dead letters. */
export async function unhandledEvents(world: ClusterWorld, nodes: readonly ClusterNode[]): Promise<string[]> {
  const found: string[] = []
  for (const node of nodes) found.push(...(await waitingEvents(world, node)), ...(await deadLetters(node)))
  return found
}

async function waitingEvents(world: ClusterWorld, node: ClusterNode): Promise<string[]> {
  await using link = await world.connectNats()
  const { consumers } = await jetstreamManager(link.connection)
  return await untilNone(async () => {
    const waiting: string[] = []
    for await (const { config, num_pending: pending, num_ack_pending: unacked } of consumers.list(
      node.name.toUpperCase(),
    ))
      if (config.durable_name !== undefined && pending + unacked > 0)
        waiting.push(`${node.name}: ${config.durable_name} has ${pending} events before it and ${unacked} in hand`)
    return waiting
  }, patienceMilliseconds)
}

/**
 * What of the events of a node on the embedded set is, after a while, still with a consumer or to come to it again.
 * @param folder the node's, which runs
 */
export async function eventsInHand(folder: string): Promise<string[]> {
  using database = new DatabaseSync(join(folder, 'data', 'events.db'), { readOnly: true })
  const deliveries = database.prepare('SELECT consumer, sequence FROM deliveries')
  const look = (): string[] =>
    deliveries.all().map(({ consumer, sequence }) => `${String(consumer)}: event ${String(sequence)} is not handled`)
  return await untilNone(() => Promise.resolve(look()), patienceMilliseconds)
}

/** The events that services of a node gave up. */
export function deadLetters(node: LivingNode): Promise<string[]> {
  return node.run(async ({ client }) => {
    const letters: string[] = []
    const request = { consumer: '', communityId: '' }
    for await (const { deadLetter } of stream(
      client,
      client.api.listDeadLetters,
      request,
      new AbortController().signal,
    ))
      letters.push(`${node.name}: a dead letter of ${deadLetter?.consumer}: ${deadLetter?.error}`)
    return letters
  })
}
