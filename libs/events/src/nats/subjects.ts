import { checkNamespace, digestToken, encodeToken } from '@annals/nats'
import type { EventName } from '../event-types.ts'

/**
 * The streams and subjects of the bus, all under one namespace; the only place that spells them. A subject's tokens:
 *
 *     <ns>.events.<EventName>.<community>.<digest of the id>
 *     <ns>.replays.<consumer>.<dead letter>
 *     <ns>.failures.<consumer>.<position>.<digest of the id>
 *     <ns>.dead-letters.<consumer>.<position>.<digest of the id>
 */
export class Subjects {
  readonly namespace: string
  readonly logStream: string
  readonly failureStream: string
  readonly deadLetterStream: string

  /** @throws InvalidNatsOptionError */
  constructor(namespace: string) {
    checkNamespace(namespace)
    this.namespace = namespace
    this.logStream = namespace.toUpperCase()
    this.failureStream = `${this.logStream}_FAILURES`
    this.deadLetterStream = `${this.logStream}_DLQ`
  }

  event(name: EventName, communityId: string, id: string): string {
    return `${this.namespace}.events.${name}.${encodeToken(communityId)}.${digestToken(id)}`
  }

  /** All events, or those of a name, of a community, of both. */
  events(name = '*', communityId?: string): string {
    if (name === '*' && communityId === undefined) return `${this.namespace}.events.>`
    return `${this.namespace}.events.${name}.${communityId === undefined ? '*' : encodeToken(communityId)}.*`
  }

  /** Whether a subject of the log is an event's; the others are replays'. */
  isEvent(subject: string): boolean {
    return subject.startsWith(`${this.namespace}.events.`)
  }

  replay(consumer: string, letter: number): string {
    return `${this.namespace}.replays.${consumer}.${letter}`
  }

  replays(consumer = '*'): string {
    return consumer === '*' ? `${this.namespace}.replays.>` : `${this.namespace}.replays.${consumer}.*`
  }

  failures(consumer = '*'): string {
    return consumer === '*' ? `${this.namespace}.failures.>` : `${this.namespace}.failures.${consumer}.>`
  }

  failure(consumer: string, sequence: number, token: string): string {
    return `${this.namespace}.failures.${consumer}.${sequence}.${token}`
  }

  deadLetters(consumer = '*'): string {
    return consumer === '*' ? `${this.namespace}.dead-letters.>` : `${this.namespace}.dead-letters.${consumer}.>`
  }

  deadLetter(consumer: string, sequence: number, token: string): string {
    return `${this.namespace}.dead-letters.${consumer}.${sequence}.${token}`
  }
}

/** What an event's subject says, in the words of the subject. */
export interface EventSubject {
  readonly name: string
  readonly community: string
  readonly token: string
}

export function parseEventSubject(subject: string): EventSubject {
  const [, , name = '', community = '', token = ''] = subject.split('.')
  return { name, community, token }
}
