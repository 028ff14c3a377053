import { channelStream } from '@annals/channels/nats'
import { busStreams } from '@annals/events/nats'
import type { StreamDeclaration } from '@annals/nats'

/** The streams as the code declares them, as resources of NACK, the controller of JetStream. */
export function streamResources(namespace: string, replicas: number): object[] {
  return [...busStreams(namespace, replicas), channelStream(namespace, replicas)].map(streamResource)
}

function streamResource(stream: StreamDeclaration): object {
  return {
    apiVersion: 'jetstream.nats.io/v1beta2',
    kind: 'Stream',
    metadata: { name: stream.name.toLowerCase().replaceAll('_', '-') },
    spec: {
      name: stream.name,
      description: stream.description,
      subjects: stream.subjects,
      retention: stream.retention,
      storage: stream.storage,
      discard: stream.discard,
      replicas: stream.replicas,
      // Empty for no limit.
      maxAge: stream.maxAgeSeconds === 0 ? '' : `${stream.maxAgeSeconds}s`,
      maxMsgs: stream.maxMessages,
      maxBytes: stream.maxBytes,
      maxMsgsPerSubject: stream.maxMessagesPerSubject,
      maxMsgSize: stream.maxMessageBytes,
      duplicateWindow: `${stream.duplicateWindowSeconds}s`,
      denyDelete: stream.denyDelete,
      denyPurge: stream.denyPurge,
      // What is in a stream is history: it outlives this resource, and a stream that is there is left as it is, as the
      // services do.
      preventDelete: true,
      preventUpdate: true,
    },
  }
}
