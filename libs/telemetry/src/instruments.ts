type Kind = 'counter' | 'histogram' | 'gauge'

interface Instrument {
  readonly name: string
  readonly kind: Kind
  /** As UCUM and the semantic conventions have it: seconds, bytes, and in braces what is counted. */
  readonly unit: string
  readonly attributes: readonly string[]
  /** What an operator asks it. */
  readonly question: string
}

/** In what parts durations are told, seconds: from a handler that does nothing to a history that takes hours. */
export const durationSeconds = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1_800, 7_200]

/** Every metric of Annals, by the name that the code has for it. The only place that names them. */
export const instruments = {
  weeksBehind: {
    name: 'annals.archive.behind',
    kind: 'gauge',
    unit: '{interval}',
    attributes: ['annals.community.id'],
    question: 'How many intervals (weeks) of a community should be sealed by now and are not? The worst communities.',
  },
  mostWeeksBehind: {
    name: 'annals.archive.behind.max',
    kind: 'gauge',
    unit: '{interval}',
    attributes: [],
    question: 'How far behind is the community that is furthest behind?',
  },
  archivingCommunities: {
    name: 'annals.archive.communities',
    kind: 'gauge',
    unit: '{community}',
    attributes: [],
    question: 'How many communities are archived here?',
  },
  oldestDue: {
    name: 'annals.due.age',
    kind: 'gauge',
    unit: 's',
    attributes: ['annals.due.kind'],
    question:
      'For how long has the oldest of what is due waited: schedules, announcements, looks for announcements, looks as a stranger, downloads?',
  },
  sealedArchives: {
    name: 'annals.archive.sealed',
    kind: 'counter',
    unit: '{archive}',
    attributes: [],
    question: 'How many archives are made?',
  },
  sealedBytes: {
    name: 'annals.archive.sealed.size',
    kind: 'counter',
    unit: 'By',
    attributes: [],
    question: 'How many bytes of archives are made, with padding?',
  },
  sealedMessages: {
    name: 'annals.archive.sealed.messages',
    kind: 'counter',
    unit: '{message}',
    attributes: [],
    question: 'How many messages are sealed?',
  },
  leftOutMessages: {
    name: 'annals.archive.leftout',
    kind: 'counter',
    unit: '{message}',
    attributes: [],
    question: 'How many messages are too large for any archive?',
  },
  seededTorrents: {
    name: 'annals.seeding.torrents',
    kind: 'gauge',
    unit: '{torrent}',
    attributes: [],
    question: 'How many torrents does this process serve?',
  },
  uploadedBytes: {
    name: 'annals.seeding.uploaded',
    kind: 'counter',
    unit: 'By',
    attributes: [],
    question: 'How many bytes of pieces does this process send?',
  },
  webSeedBytes: {
    name: 'annals.webseed.sent',
    kind: 'counter',
    unit: 'By',
    attributes: [],
    question: 'How many bytes of torrents go out over HTTP?',
  },
  trackerPeers: {
    name: 'annals.tracker.peers',
    kind: 'gauge',
    unit: '{peer}',
    attributes: ['annals.peer.kind'],
    question: 'How many peers does this tracker bring together, of browsers and of other clients?',
  },
  trackerRefused: {
    name: 'annals.tracker.refused',
    kind: 'counter',
    unit: '{request}',
    attributes: ['annals.refusal.reason'],
    question: 'What does the tracker refuse, and why?',
  },
  seeders: {
    name: 'annals.seeding.seeders',
    kind: 'gauge',
    unit: '{seeder}',
    attributes: ['annals.community.id'],
    question: "How many of this installation's seeders serve a community's newest torrent? Those with the fewest.",
  },
  fewestSeeders: {
    name: 'annals.seeding.seeders.min',
    kind: 'gauge',
    unit: '{seeder}',
    attributes: [],
    question: 'How many seeders has the community with the fewest?',
  },
  swarmPeers: {
    name: 'annals.swarm.peers',
    kind: 'gauge',
    unit: '{peer}',
    attributes: ['annals.community.id'],
    question: 'How many peers is this process connected to for a community? Those with the most.',
  },
  announcementsSent: {
    name: 'annals.announcement.sent',
    kind: 'counter',
    unit: '{announcement}',
    attributes: ['annals.announcement.repeated'],
    question: 'How many announcements go out, and how many of them say again what was said?',
  },
  announcementProbes: {
    name: 'annals.announcement.probes',
    kind: 'counter',
    unit: '{look}',
    attributes: ['annals.probe.outcome'],
    question:
      'How often would a member who comes now find the announcement, how often not, and how often does nobody say?',
  },
  reachProbes: {
    name: 'annals.reach.duration',
    kind: 'histogram',
    unit: 's',
    attributes: ['annals.reach.outcome'],
    question: 'How long does fetching samples of an archive as a stranger take, and what comes of it?',
  },
  webSeedProbes: {
    name: 'annals.reach.webseed',
    kind: 'counter',
    unit: '{look}',
    attributes: ['annals.reach.outcome'],
    question: 'How often do the web seeds of magnet links give what they should, and how often not?',
  },
  unreachableCommunities: {
    name: 'annals.reach.unreachable',
    kind: 'gauge',
    unit: '{community}',
    attributes: [],
    question: 'How many communities have a newest archive that a stranger cannot fetch?',
  },
  announcementsTaken: {
    name: 'annals.announcement.taken',
    kind: 'counter',
    unit: '{announcement}',
    attributes: [],
    question: 'How many announcements that came count?',
  },
  announcementsRefused: {
    name: 'annals.announcement.refused',
    kind: 'counter',
    unit: '{announcement}',
    attributes: ['annals.refusal.reason'],
    question: 'How many announcements that came do not count, and why?',
  },
  fetchDuration: {
    name: 'annals.fetch.duration',
    kind: 'histogram',
    unit: 's',
    attributes: ['annals.fetch.outcome', 'error.type'],
    question: 'How long do tries to bring what was announced take, and what comes of them?',
  },
  fetchedBytes: {
    name: 'annals.fetch.downloaded',
    kind: 'counter',
    unit: 'By',
    attributes: [],
    question: 'How many bytes come over the wire?',
  },
  importedMessages: {
    name: 'annals.import.messages',
    kind: 'counter',
    unit: '{message}',
    attributes: ['annals.message.outcome'],
    question: 'How many messages of fetched archives are new, known, or cannot be read?',
  },
  collectedMessages: {
    name: 'annals.collect.messages',
    kind: 'counter',
    unit: '{message}',
    attributes: ['annals.message.outcome'],
    question: 'How many messages from the network are new, known, or refused?',
  },
  storeGaps: {
    name: 'annals.store.missing',
    kind: 'counter',
    unit: '{message}',
    attributes: ['server.address'],
    question: 'How many messages does a store lack that another one has?',
  },
  syncsGivenUp: {
    name: 'annals.store.unanswered',
    kind: 'counter',
    unit: '{sync}',
    attributes: [],
    question: 'How many history syncs does no store answer until they are given up?',
  },
  deadLetters: {
    name: 'annals.deadletter.count',
    kind: 'gauge',
    unit: '{event}',
    attributes: [],
    question: 'How many events were given up and wait for a person?',
  },
  consumerLag: {
    name: 'annals.consumer.lag',
    kind: 'gauge',
    unit: '{event}',
    attributes: ['messaging.consumer.group.name'],
    question: 'How many events has a consumer not handled yet?',
  },
  eventWait: {
    name: 'annals.event.wait',
    kind: 'histogram',
    unit: 's',
    attributes: ['messaging.consumer.group.name'],
    question: 'How long do events lie in the log before a consumer takes them up for the first time?',
  },
  handlingDuration: {
    name: 'messaging.process.duration',
    kind: 'histogram',
    unit: 's',
    attributes: ['messaging.system', 'messaging.destination.name', 'messaging.consumer.group.name', 'error.type'],
    question: 'How long does handling an event take, and how often does it fail?',
  },
  publishedEvents: {
    name: 'messaging.client.sent.messages',
    kind: 'counter',
    unit: '{message}',
    attributes: ['messaging.system', 'messaging.destination.name'],
    question: 'How many events are published?',
  },
  processUptime: {
    name: 'process.uptime',
    kind: 'gauge',
    unit: 's',
    attributes: [],
    question: 'Since when does the process run?',
  },
  processCpu: {
    name: 'process.cpu.time',
    kind: 'counter',
    unit: 's',
    attributes: ['cpu.mode'],
    question: 'How much of the processors does the process use?',
  },
  processMemory: {
    name: 'process.memory.usage',
    kind: 'gauge',
    unit: 'By',
    attributes: [],
    question: 'How much memory does the process hold?',
  },
  heapUsed: {
    name: 'v8js.memory.heap.used',
    kind: 'gauge',
    unit: 'By',
    attributes: [],
    question: 'How much of it do objects take?',
  },
  eventLoopUtilization: {
    name: 'nodejs.eventloop.utilization',
    kind: 'gauge',
    unit: '1',
    attributes: [],
    question: 'Which part of its time is the event loop busy?',
  },
  eventLoopDelay: {
    name: 'nodejs.eventloop.delay.p99',
    kind: 'gauge',
    unit: 's',
    attributes: [],
    question: 'How late is the event loop at worst?',
  },
} as const satisfies Record<string, Instrument>

export type InstrumentName = keyof typeof instruments

type OfKind<K extends Kind> = {
  [N in InstrumentName]: (typeof instruments)[N]['kind'] extends K ? N : never
}[InstrumentName]

export type CounterName = OfKind<'counter'>
export type HistogramName = OfKind<'histogram'>
export type GaugeName = OfKind<'gauge'>

/** What a value of a metric says besides: its attributes, where they apply. */
export type AttributesOf<N extends InstrumentName> = {
  readonly [A in (typeof instruments)[N]['attributes'][number]]?: string
}
