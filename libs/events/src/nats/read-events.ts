import { digestToken, encodeToken, getMessage, patiently } from '@annals/nats'
import type { NatsLink, Patience, StoredMessage } from '@annals/nats'
import { LostEventError } from '../errors.ts'
import type { ReadOptions } from '../event-bus.ts'
import type { EventName } from '../event-types.ts'
import { toEventRow } from './event-message.ts'
import type { LogFollower } from './log-follower.ts'
import { readStream } from './read-stream.ts'
import type { CommunityQuestion, RecentEvents } from './recent-events.ts'
import { parseEventSubject, type Subjects } from './subjects.ts'

/** So many events of a community are asked for one by one; for more a consumer is cheaper. */
const singleEvents = 32

const patienceSeconds = 10

/**
 * Events of a community up to now. It is asked for before each event is handled, and mostly finds nothing or little:
 * what the process knows of the log's end answers that, and the server is asked for what was before.
 * @throws LostEventError
 */
export async function* readCommunity(
  link: NatsLink,
  subjects: Subjects,
  follower: LogFollower,
  options: ReadOptions & { readonly communityId: string },
): AsyncGenerator<StoredMessage, void> {
  const { after = 0, afterId, names, communityId, signal } = options
  const question = { community: encodeToken(communityId), names, after }
  const patience = { link, seconds: patienceSeconds, ...(signal ? { signal } : {}) }
  const recent = await patiently(patience, () => follower.upToNow())
  if (afterId !== undefined && recent?.tokenAt(question) !== digestToken(afterId))
    await checkHolds(link, subjects, { after, afterId, ...(signal ? { signal } : {}) })
  const known = recent?.find(question)
  const messages = known && (await fetchKnown(patience, subjects, recent, question, known))
  if (messages !== undefined) {
    yield* messages
    return
  }
  const sequences: number[] = []
  for await (const message of askCommunity(link, subjects, options)) {
    sequences.push(message.sequence)
    yield message
  }
  recent?.tell({ ...question, ...(afterId !== undefined && { token: digestToken(afterId) }) }, sequences)
}

/** @throws LostEventError where another event stands at the position, or none */
export async function checkHolds(
  link: NatsLink,
  subjects: Subjects,
  { after, afterId, signal }: { readonly after: number; readonly afterId: string; readonly signal?: AbortSignal },
): Promise<void> {
  const patience = { link, seconds: patienceSeconds, ...(signal ? { signal } : {}) }
  const ask = (): Promise<StoredMessage | undefined> => getMessage(link, subjects.logStream, { seq: after })
  const message = after === 0 ? undefined : await patiently(patience, ask)
  if (message === undefined || toEventRow(message).id !== afterId) throw new LostEventError(after, afterId)
}

/** `undefined` where they are many, or not where they were. */
async function fetchKnown(
  patience: Patience,
  { logStream }: Subjects,
  recent: RecentEvents | undefined,
  { community, names }: CommunityQuestion,
  sequences: readonly number[],
): Promise<readonly StoredMessage[] | undefined> {
  if (sequences.length > singleEvents) return undefined
  const messages = await Promise.all(
    sequences.map(async (seq) => {
      return recent?.message(seq) ?? (await patiently(patience, () => getMessage(patience.link, logStream, { seq })))
    }),
  )
  const found = messages.filter((message) => message !== undefined)
  const areThose = found.every(({ subject }) => {
    const place = parseEventSubject(subject)
    return place.community === community && (names === undefined || names.includes(place.name))
  })
  return areThose && found.length === sequences.length ? found : undefined
}

/** One question for each name, whose answer does not depend on how much else is in the log; more where something is new. */
async function* askCommunity(
  link: NatsLink,
  subjects: Subjects,
  options: ReadOptions & { readonly communityId: string },
): AsyncGenerator<StoredMessage, void> {
  const { after = 0, names, communityId, signal } = options
  const ask = (question: Parameters<typeof getMessage>[2]): Promise<StoredMessage | undefined> =>
    patiently({ link, seconds: patienceSeconds, ...(signal ? { signal } : {}) }, () =>
      getMessage(link, subjects.logStream, question),
    )
  const filters = eventFilters(subjects, names, communityId)
  const lastOf = (filter: string): Promise<StoredMessage | undefined> => ask({ last_by_subj: filter })

  const lasts = await Promise.all(filters.map(async (filter) => ({ filter, last: await lastOf(filter) })))
  const newest = lasts.map(({ last }) => last).reduce(later, undefined)
  if (newest === undefined || newest.sequence <= after) return
  // There is room for no other one.
  if (newest.sequence === after + 1) {
    yield newest
    return
  }
  const until = newest.sequence

  const next = async (branch: Branch, position: number): Promise<Head | undefined> => {
    const { filter, last } = branch
    if (last === undefined || last.sequence <= position) return undefined
    const message = last.sequence === position + 1 ? last : await ask({ seq: position + 1, next_by_subj: filter })
    return message !== undefined && message.sequence <= until ? { branch, message } : undefined
  }
  let heads = await Promise.all(
    lasts.map(async ({ filter, last }) => {
      // The answers are not of one moment: an event before the newest one may have been stored after its name was asked for.
      const isOld = last === undefined || last.sequence <= after
      return next({ filter, last: isOld ? await lastOf(filter) : last }, after)
    }),
  )
  const fresh = heads.flatMap((head) => head?.branch.filter ?? [])
  let position = after
  for (let count = 0; count < singleEvents; count++) {
    const first = heads
      .filter((head) => head !== undefined)
      .reduce<Head | undefined>((a, b) => (a && a.message.sequence < b.message.sequence ? a : b), undefined)
    if (first === undefined) return
    position = first.message.sequence
    yield first.message
    if (position === until) return
    heads = await Promise.all(heads.map(async (head) => (head === first ? await next(first.branch, position) : head)))
  }
  yield* readStream({
    link,
    stream: subjects.logStream,
    filters: fresh,
    after: position,
    until,
    ...(signal ? { signal } : {}),
  })
}

/** The events of one name, and the last of them. */
interface Branch {
  readonly filter: string
  readonly last: StoredMessage | undefined
}

interface Head {
  readonly branch: Branch
  readonly message: StoredMessage
}

function later(a: StoredMessage | undefined, b: StoredMessage | undefined): StoredMessage | undefined {
  return a === undefined || (b !== undefined && b.sequence > a.sequence) ? b : a
}

function eventFilters(
  subjects: Subjects,
  names: readonly EventName[] | undefined,
  communityId: string | undefined,
): string[] {
  if (names === undefined) return [subjects.events('*', communityId)]
  return [...new Set(names)].map((name) => subjects.events(name, communityId))
}

/** Events from a position to another one, or on and on. */
export function readLog(
  link: NatsLink,
  subjects: Subjects,
  options: ReadOptions & { readonly until?: number },
): AsyncGenerator<StoredMessage, void> {
  const { after = 0, communityId, signal, until } = options
  const filters = eventFilters(subjects, options.names, communityId)
  return readStream({
    link,
    stream: subjects.logStream,
    filters,
    after,
    ...(until === undefined ? {} : { until }),
    ...(signal ? { signal } : {}),
  })
}
