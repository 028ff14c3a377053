import type { ServiceContext } from '@annals/service'
import type { Dispatch, Versioned } from '@annals/storage'
import type { AnnouncedTorrent } from '@annals/community'
import { decideDispatch } from '@annals/community'
import {
  SignerRefusedError,
  SignerUnavailableError,
  WrongSignatureError,
  announceChatId,
  fromHex,
  signMagnetMessage,
  toHex,
} from '@annals/crypto'
import { eventId } from '@annals/events'
import { isAnnounced, systemClock } from '@annals/service'
import { catalogues, dispatches, putUnlessChanged, seedings } from '@annals/storage'
import { watchAnnouncement } from './watch-announcement.ts'

/** After a wait there is no event that would be delivered again: the row stays due until the announcement went out. */
const secondLookSeconds = 60

/** Between asking for a signature in vain and asking again. An owner may be away for days. */
const retrySeconds = [1, 1, 1, 2, 5, 15, 30, 60]

/**
 * Announces the community's newest torrent if it is seeded. Looks at how things are, not at what an event said: a newer
 * torrent has its own event, and to announce an older one under a newer clock would take members back. The clock and
 * the signed bytes are kept before anything goes out: after a crash the very same bytes go out again, which a channel
 * and a member take for one message.
 *
 * Where nobody signs now the announcement is kept with its clock, and due again later. One that went out is due again after
 * a while, to be announced once more under a newer clock: that is what `again` asks for.
 * @returns whether there is nothing left to be done
 * @throws NoSigningKeyError, and what the engines throw
 */
export async function dispatchMagnetLink(
  context: ServiceContext,
  communityId: string,
  { again = false } = {},
): Promise<boolean> {
  if (!isAnnounced(await context.registry.get(communityId))) return true
  const newest = (await context.state.collection(catalogues).get(communityId))?.value.torrent
  const seeded = (await context.state.collection(seedings).get(communityId))?.value.current
  if (newest === undefined || newest.infoHash !== seeded?.infoHash) return true
  const kept = await keepDispatch(context, communityId, newest, again)
  const dispatch = kept.value
  if (dispatch.message === '') return false
  const chatIds = context.config.announceChannels.map((channel) => announceChatId(communityId, channel))
  for (const chat of chatIds) await context.channel.publish(chat, fromHex(dispatch.message))
  context.metrics.add('announcementsSent', chatIds.length, { 'annals.announcement.repeated': String(again) })
  const { infoHash, magnetLink, clockMilliseconds } = dispatch
  await context.bus.publish(
    {
      id: eventId('MagnetLinkDispatched', communityId, clockMilliseconds),
      name: 'MagnetLinkDispatched',
      communityId,
      payload: { infoHash, magnetLink, clockMilliseconds, chatIds },
    },
    { source: 'magnet-dispatcher' },
  )
  await watchAnnouncement(context, communityId, dispatch)
  await rest(context, kept)
  return true
}

/** Lets an announcement that went out be due when it is to be repeated. */
async function rest(context: ServiceContext, kept: Versioned<Dispatch>): Promise<void> {
  const repetition = repetitionOf(context)
  const { dueAt, repeats = false } = kept.value
  const rests = repetition.repeats === true ? repeats && (dueAt ?? 0) > systemClock.nowSeconds() : dueAt === undefined
  if (!rests) await beDue(context, kept, repetition)
}

/** Lets an announcement that is not to go out be due no longer. */
export async function waitNoLonger(context: ServiceContext, row: Versioned<Dispatch>): Promise<void> {
  if (row.value.dueAt !== undefined) await beDue(context, row, {})
}

/** Does nothing where somebody changed the row since it was looked at. */
async function beDue(
  context: ServiceContext,
  row: Versioned<Dispatch>,
  due: Pick<Dispatch, 'dueAt' | 'repeats'>,
): Promise<void> {
  const { dueAt: _, repeats: _repeats, ...kept } = row.value
  await putUnlessChanged(context.state.collection(dispatches), row, { ...kept, ...due })
}

function repetitionOf({ config }: ServiceContext): Pick<Dispatch, 'dueAt' | 'repeats'> {
  const { repeatSeconds } = config
  return repeatSeconds === 0 ? {} : { dueAt: systemClock.nowSeconds() + repeatSeconds, repeats: true }
}

/** The announcement as it is kept: signed, or without a message where its signature is waited for. */
async function keepDispatch(
  context: ServiceContext,
  communityId: string,
  { infoHash, magnetLink }: AnnouncedTorrent,
  again: boolean,
): Promise<Versioned<Dispatch>> {
  const rows = context.state.collection(dispatches)
  const row = await rows.get(communityId)
  const decision = decideDispatch(row?.value, { infoHash, magnetLink }, context.clock.nowMilliseconds(), { again })
  if (decision === 'already-dispatched') {
    if (row === undefined) throw new TypeError('nothing was dispatched before')
    // Its clock was decided when it was asked for the first time, and the question must stay the same.
    return row.value.message === '' ? keepSigned(context, communityId, row.value, row, true) : row
  }
  const { clockMilliseconds } = decision
  return keepSigned(context, communityId, { clockMilliseconds, infoHash, magnetLink }, row, again)
}

type Unsigned = Pick<Dispatch, 'clockMilliseconds' | 'infoHash' | 'magnetLink' | 'tries'>

/** @param waited no event is delivered again for it, should this process die */
async function keepSigned(
  context: ServiceContext,
  communityId: string,
  unsigned: Unsigned,
  row: Versioned<Dispatch> | undefined,
  waited: boolean,
): Promise<Versioned<Dispatch>> {
  const { clockMilliseconds, infoHash, magnetLink } = unsigned
  const signed = await signOrWait(context, communityId, unsigned)
  const secondLook = { dueAt: systemClock.nowSeconds() + secondLookSeconds }
  const due = signed.message === '' ? {} : waited ? secondLook : repetitionOf(context)
  const kept = { clockMilliseconds, infoHash, magnetLink, ...due, ...signed, ...context.tracing.kept() }
  return context.state.collection(dispatches).put(communityId, kept, row?.version ?? 0)
}

async function signOrWait(
  { signer, log }: ServiceContext,
  communityId: string,
  { clockMilliseconds, magnetLink, tries: before = 0 }: Unsigned,
): Promise<Pick<Dispatch, 'message' | 'dueAt' | 'tries' | 'lastError'>> {
  try {
    return { message: toHex(await signMagnetMessage(signer, { communityId, clockMilliseconds, magnetLink })) }
  } catch (error) {
    const waits = error instanceof SignerUnavailableError
    if (!waits && !(error instanceof SignerRefusedError) && !(error instanceof WrongSignatureError)) throw error
    const tries = before + 1
    const inSeconds = retrySeconds[Math.min(tries, retrySeconds.length) - 1] ?? 60
    if (!waits) log.error({ err: error, communityId, tries, inSeconds }, 'an announcement is not signed; asking again')
    else if (tries === 1) log.warn({ communityId }, 'an announcement waits for the signature of the owner')
    return {
      message: '',
      tries,
      lastError: `${error.name}: ${error.message}`,
      dueAt: systemClock.nowSeconds() + inSeconds,
    }
  }
}
