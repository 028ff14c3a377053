import { channelStream } from '@annals/channels/nats'
import { busStreams } from '@annals/events/nats'
import { checkJetStream, ensureStream, type NatsLink, type NatsLog } from '@annals/nats'

export interface DeclareStreamsOptions {
  readonly link: NatsLink
  readonly namespace: string
  /** The channel's namespace; the installation's own where absent. */
  readonly channel?: string
  /** Servers that hold each stream. */
  readonly replicas: number
  readonly log: Pick<NatsLog, 'warn'>
}

/**
 * Makes the streams of an installation where they are missing, as the user `setup`: no service may. Those that are there
 * stay as they are.
 * @throws JetStreamUnavailableError, JetStreamRefusedError, NatsPermissionError, NoRespondersError, NatsAnswerLostError
 */
export async function declareStreams(options: DeclareStreamsOptions): Promise<void> {
  const { link, namespace, channel = namespace, replicas, log } = options
  await checkJetStream(link)
  for (const declaration of [...busStreams(namespace, replicas), channelStream(channel, replicas)])
    await ensureStream(link, declaration, log)
}
