import type { ServiceContext } from '@annals/service'
import type { Dispatch, Versioned } from '@annals/storage'
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
import { systemClock } from '@annals/service'
import { VersionConflictError, catalogues, dispatches, seedings } from '@annals/storage'

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
 * Where nobody signs now the announcement is kept with its clock, and due again later.
 * @returns whether there is nothing left to be done
 * @throws NoSigningKeyError, and what the engines throw
 */
export async function dispatchMagnetLink(context: ServiceContext, communityId: string): Promise<boolean> {
  const community = await context.registry.get(communityId)
  if (community === undefined || !community.controlNode || !community.joined || !community.archivingOn) return true
  const newest = (await context.state.collection(catalogues).get(communityId))?.value.torrent
  const seeded = (await context.state.collection(seedings).get(communityId))?.value.current
  if (newest === undefined || newest.infoHash !== seeded?.infoHash) return true
  const kept = await keepDispatch(context, communityId, newest.infoHash, newest.magnetLink)
  const dispatch = kept.value
  if (dispatch.message === '') return false
  const chatIds = context.config.announceChannels.map((channel) => announceChatId(communityId, channel))
  for (const chat of chatIds) await context.channel.publish(chat, fromHex(dispatch.message))
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
  await waitNoLonger(context, kept)
  return true
}

/** Lets an announcement be due no longer, unless somebody changed it since it was looked at. */
export async function waitNoLonger(
  context: ServiceContext,
  { id, version, value }: Versioned<Dispatch>,
): Promise<void> {
  if (value.dueAt === undefined) return
  const { dueAt: _, ...rest } = value
  try {
    await context.state.collection(dispatches).put(id, rest, version)
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error
  }
}

/** The announcement as it is kept: signed, or without a message where its signature is waited for. */
async function keepDispatch(
  context: ServiceContext,
  communityId: string,
  infoHash: string,
  magnetLink: string,
): Promise<Versioned<Dispatch>> {
  const rows = context.state.collection(dispatches)
  const row = await rows.get(communityId)
  const decision = decideDispatch(row?.value, { infoHash, magnetLink }, context.clock.nowMilliseconds())
  if (decision === 'already-dispatched') {
    if (row === undefined) throw new TypeError('nothing was dispatched before')
    // Its clock was decided when it was asked for the first time, and the question must stay the same.
    return row.value.message === '' ? keepSigned(context, communityId, row.value, row) : row
  }
  const { clockMilliseconds } = decision
  return keepSigned(context, communityId, { clockMilliseconds, infoHash, magnetLink }, row)
}

type Unsigned = Pick<Dispatch, 'clockMilliseconds' | 'infoHash' | 'magnetLink' | 'tries'>

async function keepSigned(
  context: ServiceContext,
  communityId: string,
  unsigned: Unsigned,
  row: Versioned<Dispatch> | undefined,
): Promise<Versioned<Dispatch>> {
  const { clockMilliseconds, infoHash, magnetLink } = unsigned
  const announcement = { clockMilliseconds, infoHash, magnetLink }
  const kept = { ...announcement, ...(await signOrWait(context, communityId, unsigned)) }
  return context.state.collection(dispatches).put(communityId, kept, row?.version ?? 0)
}

async function signOrWait(
  { signer, log }: ServiceContext,
  communityId: string,
  { clockMilliseconds, magnetLink, tries: before = 0 }: Unsigned,
): Promise<Pick<Dispatch, 'message' | 'dueAt' | 'tries' | 'lastError'>> {
  try {
    const message = toHex(await signMagnetMessage(signer, { communityId, clockMilliseconds, magnetLink }))
    return { message, ...(before > 0 && { dueAt: systemClock.nowSeconds() + secondLookSeconds }) }
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
