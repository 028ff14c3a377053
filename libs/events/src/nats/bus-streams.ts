import type { StreamDeclaration } from '@annals/nats'
import { Subjects } from './subjects.ts'

/** A failure is remembered for longer than any wait for a redelivery. */
const failureDays = 30

const common = {
  retention: 'limits',
  storage: 'file',
  maxAgeSeconds: 0,
  maxMessages: -1,
  maxBytes: -1,
  maxMessagesPerSubject: -1,
  maxMessageBytes: -1,
  duplicateWindowSeconds: 120,
  denyDelete: false,
  denyPurge: false,
} as const

/** The streams of the bus as they are to be. */
export function busStreams(namespace: string, replicas: number): readonly StreamDeclaration[] {
  const subjects = new Subjects(namespace)
  return [
    {
      ...common,
      name: subjects.logStream,
      description: 'All events of Annals; state is a projection of them. Never to be purged.',
      subjects: [subjects.events(), subjects.replays()],
      // Where an operator sets a limit: refuse what is new, never lose what is old.
      discard: 'new',
      replicas,
      denyDelete: true,
      denyPurge: true,
    },
    {
      ...common,
      name: subjects.failureStream,
      description: 'How often events failed with the consumers that try them again',
      subjects: [subjects.failures()],
      discard: 'old',
      replicas,
      maxAgeSeconds: failureDays * 86_400,
      maxMessagesPerSubject: 1,
    },
    {
      ...common,
      name: subjects.deadLetterStream,
      description: 'Events that consumers gave up, with their errors',
      subjects: [subjects.deadLetters()],
      discard: 'new',
      replicas,
    },
  ]
}
