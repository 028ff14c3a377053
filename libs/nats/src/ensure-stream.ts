import type { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { callJetStream } from './call-jetstream.ts'
import { isRefusal } from './error-codes.ts'
import type { NatsLink } from './nats-link.ts'
import type { NatsLog } from './nats-log.ts'

/** What a stream is to be like. Anything else of its configuration is the operator's. */
export interface StreamDeclaration {
  readonly name: string
  readonly description: string
  readonly subjects: readonly string[]
  readonly retention: RetentionPolicy
  readonly storage: StorageType
  readonly discard: DiscardPolicy
  readonly replicas: number
  /** 0 for no limit. */
  readonly maxAgeSeconds: number
  /** -1 for no limit. */
  readonly maxMessages: number
  readonly maxBytes: number
  readonly maxMessagesPerSubject: number
  readonly maxMessageBytes: number
  readonly duplicateWindowSeconds: number
  readonly denyDelete: boolean
  readonly denyPurge: boolean
}

/** One setting of a stream that is not as declared. */
export interface StreamDrift {
  readonly stream: string
  /** As the server names it: `max_age`, `retention`, … */
  readonly setting: string
  readonly expected: unknown
  readonly found: unknown
}

export interface StreamInfo {
  /** RFC 3339; of this very stream, not of another one of its name. */
  readonly created: string
  readonly config: Readonly<Record<string, unknown>>
  readonly state: {
    readonly messages: number
    readonly bytes: number
    readonly first_seq: number
    /** RFC 3339, of the oldest message. */
    readonly first_ts: string
    readonly last_seq: number
  }
  /** Absent where the server is not one of a cluster. */
  readonly cluster?: StreamCluster
  /** RFC 3339: the server's clock at this moment. Absent before 2.10. */
  readonly ts?: string
}

/** The servers that hold a stream. */
export interface StreamCluster {
  readonly leader?: string
  /** All but the leader. */
  readonly replicas?: readonly { readonly name: string; readonly current: boolean; readonly offline?: boolean }[]
}

/**
 * Makes a stream that is missing. One that is there is left as it is: a setting that differs may be what its operator
 * wants, or lose what is kept when it is set back; it is logged, and given back as data.
 * @throws JetStreamRefusedError, JetStreamUnavailableError, NatsPermissionError, NoRespondersError, NatsAnswerLostError
 */
export async function ensureStream(
  link: NatsLink,
  declaration: StreamDeclaration,
  log: Pick<NatsLog, 'warn'>,
): Promise<StreamInfo> {
  const info = (await streamInfo(link, declaration.name)) ?? (await createStream(link, declaration))
  for (const drift of compareStream(declaration, info)) {
    log.warn(drift, 'a stream is not set up as declared; it is left as it is')
  }
  return info
}

/**
 * What differs from the declarations. A stream that is missing has the drift `exists`.
 * @throws as ensureStream
 */
export async function listStreamDrift(
  link: NatsLink,
  declarations: readonly StreamDeclaration[],
): Promise<StreamDrift[]> {
  const lists = declarations.map(async (declaration): Promise<StreamDrift[]> => {
    const info = await streamInfo(link, declaration.name)
    if (info !== undefined) return compareStream(declaration, info)
    return [{ stream: declaration.name, setting: 'exists', expected: true, found: false }]
  })
  return (await Promise.all(lists)).flat()
}

/** `undefined` where there is none. */
export async function streamInfo(link: NatsLink, name: string): Promise<StreamInfo | undefined> {
  try {
    return await callJetStream<StreamInfo>(link, `STREAM.INFO.${name}`)
  } catch (error) {
    if (isRefusal(error, 'streamNotFound')) return undefined
    throw error
  }
}

async function createStream(link: NatsLink, declaration: StreamDeclaration): Promise<StreamInfo> {
  const { name, description } = declaration
  try {
    return await callJetStream<StreamInfo>(link, `STREAM.CREATE.${name}`, {
      name,
      description,
      ...serverSettings(declaration),
    })
  } catch (error) {
    // Another process was faster, or this one was, and the answer was lost.
    const info = isRefusal(error, 'streamNameInUse') ? await streamInfo(link, name) : undefined
    if (info === undefined) throw error
    return info
  }
}

/** The declaration in the server's words. */
function serverSettings(declaration: StreamDeclaration): Record<string, unknown> {
  return {
    subjects: declaration.subjects,
    retention: declaration.retention,
    storage: declaration.storage,
    discard: declaration.discard,
    num_replicas: declaration.replicas,
    max_age: nanoseconds(declaration.maxAgeSeconds),
    max_msgs: declaration.maxMessages,
    max_bytes: declaration.maxBytes,
    max_msgs_per_subject: declaration.maxMessagesPerSubject,
    max_msg_size: declaration.maxMessageBytes,
    duplicate_window: nanoseconds(declaration.duplicateWindowSeconds),
    deny_delete: declaration.denyDelete,
    deny_purge: declaration.denyPurge,
  }
}

function nanoseconds(seconds: number): number {
  return seconds * 1_000_000_000
}

/** What the server leaves out of its answer where it is so. */
const defaults: Record<string, unknown> = { deny_delete: false, deny_purge: false, max_msgs_per_subject: -1 }

/** What differs from the declaration. */
export function compareStream(declaration: StreamDeclaration, info: StreamInfo): StreamDrift[] {
  return Object.entries(serverSettings(declaration)).flatMap(([setting, expected]) => {
    const found = info.config[setting] ?? defaults[setting]
    return comparable(found) === comparable(expected) ? [] : [{ stream: declaration.name, setting, expected, found }]
  })
}

function comparable(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? value.map(String).toSorted() : value) ?? ''
}
