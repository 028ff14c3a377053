import type { EventName } from '@annals/events'

/** What somebody who stands on the engines needs of them, and nothing beyond. */
export interface Needs {
  /** Events that it puts into the log. */
  readonly publishes: readonly EventName[]
  /** The durable consumers that are its own. */
  readonly consumers: readonly ConsumerNeed[]
  /** Whether it reads the log besides: the registry of communities, projections, what is shown. */
  readonly readsLog: boolean
  readonly channel: readonly ('publish' | 'receive' | 'holds')[]
  readonly progress: readonly ('report' | 'listen')[]
  /** Whether it lists, replays and drops dead letters. */
  readonly managesDeadLetters: boolean
  /** Whether it makes the streams; all others find them there. */
  readonly declaresStreams: boolean
  /** What it opens connections to. */
  readonly reaches: readonly ('nats' | 'mongodb' | 'bittorrent' | 'waku')[]
  /** What others open connections to it for. */
  readonly accepts: readonly ('bittorrent' | 'grpc' | 'http' | 'tracker')[]
}

export interface ConsumerNeed {
  readonly name: string
  /** Where true, each process has a consumer of its own, named after its instance: `<name>-<instance>`. */
  readonly perInstance: boolean
  readonly events: readonly EventName[]
  /** Where true, it is there only where Waku nodes are named. */
  readonly onWakuOnly?: boolean
}

const nothing = {
  publishes: [],
  consumers: [],
  readsLog: true,
  channel: [],
  progress: [],
  managesDeadLetters: false,
  declaresStreams: false,
  reaches: ['nats', 'mongodb'],
  accepts: [],
} as const satisfies Needs

/**
 * Who needs what. The permissions of the NATS users are made of this table; a test compares it with what the services'
 * code publishes, consumes and uses.
 */
export const needs = {
  collector: {
    ...nothing,
    // As a community describes them on the network.
    publishes: ['HistorySynced', 'CommunityChatsChanged'],
    reaches: ['nats', 'mongodb', 'waku'],
    consumers: [
      {
        name: 'collector-communities',
        perInstance: false,
        events: [
          'CommunityAdded',
          'CommunityChatsChanged',
          'ControlTaken',
          'ControlReleased',
          'ArchivingEnabled',
          'ArchivingDisabled',
          'CommunityVisibilityChanged',
          'CommunityLeft',
        ],
      },
      {
        name: 'collector-chats',
        perInstance: true,
        events: ['CommunityAdded', 'CommunityChatsChanged', 'CommunityLeft', 'GroupKeyAdded'],
        onWakuOnly: true,
      },
      { name: 'collector', perInstance: false, events: ['HistorySyncRequested'] },
    ],
  },
  scheduler: {
    ...nothing,
    publishes: ['HistorySyncRequested', 'ArchiveDue'],
    consumers: [
      {
        name: 'scheduler',
        perInstance: false,
        events: [
          'CommunityAdded',
          'CommunityChatsChanged',
          'CommunityLeft',
          'ControlTaken',
          'ControlReleased',
          'ArchivingEnabled',
          'ArchivingDisabled',
          'HistorySyncRequested',
          'HistorySynced',
          'ArchiveRequested',
          'ArchiveDue',
          'ArchiveCreated',
          'NoArchiveCreated',
        ],
      },
    ],
  },
  archiver: {
    ...nothing,
    publishes: ['ArchivingStarted', 'ArchiveCreated', 'NoArchiveCreated', 'GroupKeyExhausted'],
    consumers: [{ name: 'archiver', perInstance: false, events: ['ArchiveDue'] }],
    progress: ['report'],
  },
  seeder: {
    ...nothing,
    publishes: ['SeedingStarted', 'Unseeded'],
    consumers: [
      {
        name: 'seeder',
        perInstance: true,
        events: ['ArchiveCreated', 'ArchivesDownloaded', 'ArchivingEnabled', 'ArchivingDisabled', 'CommunityLeft'],
      },
    ],
    reaches: ['nats', 'mongodb', 'bittorrent'],
    accepts: ['bittorrent'],
  },
  'magnet-dispatcher': {
    ...nothing,
    publishes: ['MagnetLinkDispatched'],
    consumers: [
      { name: 'magnet-dispatcher', perInstance: false, events: ['SeedingStarted', 'ControlTaken', 'ArchivingEnabled'] },
    ],
    channel: ['publish', 'holds'],
    reaches: ['nats', 'mongodb', 'waku'],
  },
  fetcher: {
    ...nothing,
    publishes: [
      'MagnetLinkReceived',
      'DownloadStarted',
      'ArchiveDownloaded',
      'ImportStarted',
      'ArchivesDownloaded',
      'DownloadFinished',
      'ArchiveDecrypted',
    ],
    consumers: [
      {
        name: 'fetcher',
        perInstance: true,
        events: [
          'CommunityAdded',
          'ControlTaken',
          'ControlReleased',
          'GroupKeyAdded',
          'ArchivingEnabled',
          'ArchivingDisabled',
          'CommunityLeft',
        ],
      },
    ],
    channel: ['receive'],
    progress: ['report'],
    reaches: ['nats', 'mongodb', 'bittorrent', 'waku'],
    accepts: ['bittorrent'],
  },
  prober: {
    ...nothing,
    publishes: ['ArchivesReachable', 'ArchivesUnreachable'],
    consumers: [
      { name: 'prober', perInstance: false, events: ['MagnetLinkDispatched', 'ControlTaken', 'ArchivingEnabled'] },
    ],
    // It dials out; nobody gets through to it.
    reaches: ['nats', 'mongodb', 'bittorrent'],
  },
  gateway: {
    ...nothing,
    publishes: [
      'CommunityAdded',
      'CommunityChatsChanged',
      'ControlTaken',
      'ControlReleased',
      'GroupKeyAdded',
      'ArchivingEnabled',
      'ArchivingDisabled',
      'CommunityLeft',
      'CommunityVisibilityChanged',
      'ArchiveRequested',
      'MagnetLinkReceived',
    ],
    progress: ['report', 'listen'],
    managesDeadLetters: true,
    accepts: ['grpc', 'http', 'tracker'],
  },
  /** The operator: makes the streams before the services start, and looks at them and at the log. */
  setup: { ...nothing, declaresStreams: true },
  /** A subscriber of one's own: the example in docs/extend.md. Name another one's consumers here. */
  subscriber: {
    ...nothing,
    consumers: [{ name: 'archive-counter', perInstance: false, events: ['ArchiveCreated'] }],
  },
} as const satisfies Record<string, Needs>

/** A service, or a role beside them. */
export type Party = keyof typeof needs

export const parties = Object.keys(needs) as Party[]

export function needsOf(party: Party): Needs {
  return needs[party]
}
