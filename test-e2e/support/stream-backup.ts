import type { NatsLink } from '@annals/nats'
import { callJetStream } from '@annals/nats'

/** What `nats stream backup` writes: the stream's configuration and state, and its messages as the server hands them out. */
export interface StreamBackup {
  readonly name: string
  readonly config: object
  readonly state: object
  readonly chunks: readonly Uint8Array[]
}

/** As `nats stream backup` does it. Consumers are in it. */
export async function backUpStream(link: NatsLink, name: string): Promise<StreamBackup> {
  const inbox = link.createInbox()
  const subscription = link.connection.subscribe(inbox)
  const answer = await callJetStream<{ config: object; state: object }>(link, `STREAM.SNAPSHOT.${name}`, {
    deliver_subject: inbox,
    chunk_size: 65_536,
  })
  const chunks: Uint8Array[] = []
  for await (const message of subscription) {
    const { code = 0, description = '' } = message.headers ?? {}
    if (code >= 400) throw new Error(`the stream ${name} cannot be backed up: ${code} ${description}`)
    if (message.data.length === 0) break
    chunks.push(Uint8Array.from(message.data))
    message.respond()
  }
  return { name, config: answer.config, state: answer.state, chunks }
}

/** As `nats stream restore` does it: the stream must not be there. */
export async function restoreStream(link: NatsLink, { name, config, state, chunks }: StreamBackup): Promise<void> {
  const begun = await callJetStream<{ deliver_subject: string }>(link, `STREAM.RESTORE.${name}`, { config, state })
  for (const chunk of [...chunks, new Uint8Array()]) {
    const answer = await link.connection.request(begun.deliver_subject, chunk, { timeout: 10_000 })
    const { error } = answer.data.length === 0 ? {} : answer.json<{ error?: { description: string } }>()
    if (error !== undefined) throw new Error(`the stream ${name} cannot be restored: ${error.description}`)
  }
}
