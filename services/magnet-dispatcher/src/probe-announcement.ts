import type { ProbeOutcome } from '@annals/community'
import type { ServiceContext } from '@annals/service'
import type { AnnouncementProbe, Dispatch, Versioned } from '@annals/storage'
import { decideProbe } from '@annals/community'
import { announceChatId, fromHex } from '@annals/crypto'
import { isAnnounced, systemClock } from '@annals/service'
import { announcementProbes, catalogues, dispatches, putUnlessChanged } from '@annals/storage'

/** Where announcements are never repeated, a chat that keeps nothing gets one a day at most. */
const longestSeconds = 86_400

/**
 * Looks whether somebody who comes now finds a community's newest announcement, and publishes the same bytes again on the
 * chats where nobody does. They are signed already, so nobody is asked for that, and members who have them take no notice.
 * @param row claimed; its claim is ended
 * @returns what came of it; `undefined` where there is nothing to look for, or the signal aborted
 */
export async function probeAnnouncement(
  context: ServiceContext,
  row: Versioned<AnnouncementProbe>,
  signal: AbortSignal,
): Promise<ProbeOutcome | undefined> {
  const looked = await look(context, row, signal)
  if (looked === undefined) return undefined
  const { outcome, dispatch, missing } = looked
  context.metrics.add('announcementProbes', 1, { 'annals.probe.outcome': outcome })
  const { probeSeconds, repeatSeconds } = context.config
  const beat = { beatSeconds: probeSeconds, longestSeconds: repeatSeconds === 0 ? longestSeconds : repeatSeconds }
  const { infoHash, publishedAfter, ...before } = row.value
  const { findings, inSeconds } = decideProbe(before, outcome, systemClock.nowSeconds(), beat, Math.random())
  if (outcome === 'missing') await publishAgain(context, row.id, dispatch, { missing, ...findings })
  else if (outcome === 'found' && before.missingSince !== undefined)
    context.log.info(
      { communityId: row.id, infoHash, missingSince: before.missingSince },
      'members find the announcement again',
    )
  await settle(context, row, {
    infoHash,
    publishedAfter,
    ...findings,
    dueAt: systemClock.nowSeconds() + inSeconds,
  })
  return outcome
}

interface Looked {
  readonly outcome: ProbeOutcome
  readonly dispatch: Dispatch
  /** The chats on which nobody finds it. */
  readonly missing: readonly string[]
}

/** `undefined` where the row was settled: there is nothing to look for, or it is to be gone on with by another process. */
async function look(
  context: ServiceContext,
  row: Versioned<AnnouncementProbe>,
  signal: AbortSignal,
): Promise<Looked | undefined> {
  const { id: communityId, value } = row
  const community = await context.registry.get(communityId)
  const dispatch = (await context.state.collection(dispatches).get(communityId))?.value
  if (!isAnnounced(community) || dispatch === undefined) {
    // Whatever announces it again has it looked for again.
    const { dueAt: _, ...rest } = value
    await settle(context, row, rest)
    return undefined
  }
  const newest = (await context.state.collection(catalogues).get(communityId))?.value.torrent
  const isOnItsWay = dispatch.message === '' || (dispatch.dueAt !== undefined && dispatch.repeats !== true)
  if (isOnItsWay || newest?.infoHash !== value.infoHash || dispatch.infoHash !== value.infoHash) {
    // What is newer is looked for once it is out.
    await settle(context, row, { ...value, dueAt: systemClock.nowSeconds() + context.config.probeSeconds })
    return undefined
  }
  const answers = await ask(context, communityId, { message: dispatch.message, ...value }, signal)
  if (signal.aborted) {
    await settle(context, row, value)
    return undefined
  }
  const missing = answers.filter(({ holds }) => holds === false).map(({ chat }) => chat)
  const outcome =
    missing.length > 0 ? 'missing' : answers.some(({ holds }) => holds === 'unknown') ? 'unknown' : 'found'
  return { outcome, dispatch, missing }
}

interface Answer {
  readonly chat: string
  readonly holds: boolean | 'unknown'
}

async function ask(
  context: ServiceContext,
  communityId: string,
  { message, publishedAfter }: Pick<Dispatch, 'message'> & Pick<AnnouncementProbe, 'publishedAfter'>,
  signal: AbortSignal,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const name of context.config.announceChannels) {
    const chat = announceChatId(communityId, name)
    const options = { sinceMilliseconds: publishedAfter * 1000, signal }
    try {
      answers.push({ chat, holds: await context.channel.holds(chat, fromHex(message), options) })
    } catch (error) {
      context.log.error({ err: error, communityId, chat }, 'whether members find the announcement cannot be asked')
      answers.push({ chat, holds: 'unknown' })
    }
  }
  return answers
}

/** What cannot be published counts as tried: a channel that takes nothing is left more and more time as well. */
async function publishAgain(
  { channel, log, metrics }: ServiceContext,
  communityId: string,
  { infoHash, message }: Dispatch,
  seen: {
    readonly missing: readonly string[]
    readonly missingSince?: number | undefined
    readonly repetitions: number
  },
): Promise<void> {
  const { missing, missingSince, repetitions } = seen
  const said = { communityId, infoHash, chats: missing, missingSince, repetitions }
  log.warn(said, 'members who come now do not find the announcement; it is published again')
  for (const chat of missing) {
    try {
      await channel.publish(chat, fromHex(message), { again: true })
      metrics.add('announcementsSent', 1, { 'annals.announcement.repeated': 'true' })
    } catch (error) {
      log.error({ err: error, communityId, chat }, 'an announcement that is missing could not be published again')
    }
  }
}

/** Where somebody wrote the row meanwhile, an announcement went out, and what was found may be of the one before. */
async function settle(
  context: ServiceContext,
  row: Versioned<AnnouncementProbe>,
  value: AnnouncementProbe,
): Promise<void> {
  await putUnlessChanged(context.state.collection(announcementProbes), row, value)
}
