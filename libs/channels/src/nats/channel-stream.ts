import { checkNamespace, encodeToken, type StreamDeclaration } from '@annals/nats'

/** Stands in all subjects of a namespace's channel: `<ns>.channel.<chat>.<digest of the payload>`. */
export function channelSubjects(namespace: string): string {
  return `${namespace}.channel.>`
}

export function chatSubjects(namespace: string, chatId: string): string {
  return `${namespace}.channel.${encodeToken(chatId)}.*`
}

export function messageSubject(namespace: string, chatId: string, digest: string): string {
  return `${namespace}.channel.${encodeToken(chatId)}.${digest}`
}

/** The chat's token of a subject of the channel. */
export function chatToken(subject: string): string {
  return subject.split('.')[2] ?? ''
}

/**
 * The stream of the channel as it is to be.
 * @throws InvalidNatsOptionError
 */
export function channelStream(namespace: string, replicas: number): StreamDeclaration {
  checkNamespace(namespace)
  return {
    name: `${namespace.toUpperCase()}_CHANNEL`,
    description: 'What communities announce to their members',
    subjects: [channelSubjects(namespace)],
    retention: 'limits',
    storage: 'file',
    discard: 'old',
    replicas,
    maxAgeSeconds: 0,
    maxMessages: -1,
    maxBytes: -1,
    maxMessagesPerSubject: -1,
    maxMessageBytes: -1,
    duplicateWindowSeconds: 120,
    denyDelete: true,
    denyPurge: false,
  }
}
