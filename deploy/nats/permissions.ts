import { channelStream, channelSubjects } from '@annals/channels/nats'
import { Subjects, busStreams } from '@annals/events/nats'
import { progressSubject } from '@annals/service'
import { needsOf, type Needs, type Party } from '../needs.ts'
import { consumerNames, foreignConsumerNames, inboxPrefix, type Installation } from './installation.ts'
import { jetStreamSubjects as js } from './jetstream-subjects.ts'

/** What a user of a NATS server may publish to and subscribe to; `deny` goes before `allow`. */
export interface NatsPermissions {
  readonly publish: { readonly allow: readonly string[]; readonly deny: readonly string[] }
  readonly subscribe: { readonly allow: readonly string[] }
}

/** What a party may do with the streams of its installation. */
export function natsPermissions(party: Party, installation: Installation): NatsPermissions {
  const need = needsOf(party)
  const names = new Names(party, installation)
  return {
    publish: {
      allow: [
        js.accountInfo,
        ...names.streams.map(js.streamInfo),
        ...(need.declaresStreams ? declaring(names) : []),
        ...need.publishes.map((name) => names.subjects.events(name)),
        ...(need.publishes.length > 0 || need.readsLog ? [js.messageGet(names.log)] : []),
        ...(need.consumers.length > 0 ? consuming(names) : []),
        ...(need.readsLog ? reading(names.log) : []),
        ...(need.managesDeadLetters ? managingDeadLetters(names) : []),
        ...publishingToOthers(need, names),
      ],
      deny: need.readsLog ? names.foreignConsumers.flatMap((name) => touching(names.log, name)) : [],
    },
    subscribe: {
      allow: [
        `${inboxPrefix(party, installation.namespace)}.>`,
        ...(need.channel.includes('receive') ? [channelSubjects(installation.channel)] : []),
        ...(need.progress.includes('listen') ? [names.progress] : []),
      ],
    },
  }
}

class Names {
  readonly subjects: Subjects
  readonly log: string
  readonly channel: string
  readonly channelSubjects: string
  readonly progress: string
  /** Of the bus and the channel: whoever opens them looks whether they are there. */
  readonly streams: readonly string[]
  readonly ownConsumers: readonly string[]
  readonly foreignConsumers: readonly string[]

  constructor(party: Party, installation: Installation) {
    const { namespace, channel } = installation
    this.subjects = new Subjects(namespace)
    this.log = this.subjects.logStream
    this.channel = channelStream(channel, 1).name
    this.channelSubjects = channelSubjects(channel)
    this.progress = progressSubject(namespace)
    this.streams = [...busStreams(namespace, 1).map(({ name }) => name), this.channel]
    this.ownConsumers = consumerNames(party, installation)
    this.foreignConsumers = foreignConsumerNames(party, installation)
  }
}

function declaring({ streams }: Names): string[] {
  return streams.flatMap((stream) => [js.streamCreate(stream), js.consumerList(stream)])
}

/** Its own consumers by name, and what is kept of their failures. */
function consuming({ log, subjects, ownConsumers }: Names): string[] {
  return [
    js.messageGet(subjects.failureStream),
    // Once an event is handled its record goes. Which record the server cannot be told to check.
    js.messageDelete(subjects.failureStream),
    js.messageGet(subjects.deadLetterStream),
    ...ownConsumers.flatMap((consumer) => [
      js.consumerInfo(log, consumer),
      js.consumerCreate(log, consumer),
      js.consumerNext(log, consumer),
      ...js.acknowledgements(log, consumer),
      subjects.failures(consumer),
      subjects.deadLetters(consumer),
    ]),
  ]
}

/**
 * A reading has a consumer for as long as it lasts, under a name that nobody can guess. A permission has no word for
 * names that begin alike, so all are allowed, and those of the others' durable consumers are denied.
 */
function reading(stream: string): string[] {
  return [js.consumerCreate(stream, '*'), js.consumerNext(stream, '*'), js.consumerDelete(stream, '*')]
}

function touching(stream: string, consumer: string): string[] {
  return [js.consumerAnything(stream, consumer), js.consumerNext(stream, consumer)]
}

function managingDeadLetters({ subjects }: Names): string[] {
  const stream = subjects.deadLetterStream
  return [js.messageGet(stream), js.messageDelete(stream), ...reading(stream), subjects.replays()]
}

function publishingToOthers({ channel, progress }: Needs, names: Names): string[] {
  return [
    ...(channel.includes('publish') ? [names.channelSubjects] : []),
    ...(channel.includes('receive') || channel.includes('holds') ? [js.messageGet(names.channel)] : []),
    ...(progress.includes('report') ? [names.progress] : []),
  ]
}
