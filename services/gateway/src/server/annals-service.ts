import type { AnnalsServiceServer } from '@annals/proto/api/v1'
import { announceAgain } from '../handlers/announce-again.ts'
import { archiveNow } from '../handlers/archive-now.ts'
import { changeVisibility } from '../handlers/change-visibility.ts'
import { getArchiveWay } from '../handlers/get-archive-way.ts'
import { getPublicLink } from '../handlers/get-public-link.ts'
import { getHealth, listHealth } from '../handlers/list-health.ts'
import { createToken, listTokens, revokeToken } from '../handlers/manage-tokens.ts'
import { addCommunity } from '../handlers/add-community.ts'
import { changeChats } from '../handlers/change-chats.ts'
import { disableArchiving, enableArchiving } from '../handlers/change-archiving.ts'
import { createGroupKey } from '../handlers/create-group-key.ts'
import { delegateSigning } from '../handlers/delegate-signing.ts'
import { exportGroupKeys } from '../handlers/export-group-keys.ts'
import { fetchArchives } from '../handlers/fetch-archives.ts'
import { getCommunity } from '../handlers/get-community.ts'
import { getDeadLetter } from '../handlers/get-dead-letter.ts'
import { getEvent } from '../handlers/get-event.ts'
import { getStatus } from '../handlers/get-status.ts'
import { handOverAnnouncement } from '../handlers/hand-over-announcement.ts'
import { importGroupKeys } from '../handlers/import-group-keys.ts'
import { createKey, importKey } from '../handlers/import-key.ts'
import { importMessages } from '../handlers/import-messages.ts'
import { ingestMessages } from '../handlers/ingest-messages.ts'
import { leaveCommunity } from '../handlers/leave-community.ts'
import { listArchives } from '../handlers/list-archives.ts'
import { listCommunities } from '../handlers/list-communities.ts'
import { listDeadLetters } from '../handlers/list-dead-letters.ts'
import { listGroupKeys } from '../handlers/list-group-keys.ts'
import { listKeys } from '../handlers/list-keys.ts'
import { releaseControl } from '../handlers/release-control.ts'
import { rotateKeys } from '../handlers/rotate-keys.ts'
import { moveOut } from '../handlers/move-out.ts'
import { seedArchives } from '../handlers/seed-archives.ts'
import { dropDeadLetter, replayDeadLetter } from '../handlers/settle-dead-letter.ts'
import { streamEvents } from '../handlers/stream-events.ts'
import { streamMessages } from '../handlers/stream-messages.ts'
import { takeControl } from '../handlers/take-control.ts'
import { watchProgress } from '../handlers/watch-progress.ts'
import { duplex, serverStream, unary } from './calls.ts'
import type { GatewayContext } from './gateway-context.ts'

/** Every method of the interface with its handler. */
export function annalsService(context: GatewayContext): {
  [M in keyof AnnalsServiceServer as M extends string ? M : never]: AnnalsServiceServer[M]
} {
  return {
    addCommunity: unary(context, addCommunity),
    listCommunities: unary(context, listCommunities),
    getCommunity: unary(context, getCommunity),
    enableArchiving: unary(context, enableArchiving),
    disableArchiving: unary(context, disableArchiving),
    leaveCommunity: unary(context, leaveCommunity),
    changeChats: unary(context, changeChats),
    releaseControl: unary(context, releaseControl),
    takeControl: unary(context, takeControl),
    moveOut: serverStream(context, moveOut),
    changeVisibility: unary(context, changeVisibility),
    archiveNow: unary(context, archiveNow),
    announceAgain: unary(context, announceAgain),
    listHealth: unary(context, listHealth),
    getHealth: unary(context, getHealth),
    getArchiveWay: unary(context, getArchiveWay),
    getPublicLink: unary(context, getPublicLink),
    createToken: unary(context, createToken),
    listTokens: unary(context, listTokens),
    revokeToken: unary(context, revokeToken),
    ingestMessages: duplex(context, ingestMessages),
    importMessages: duplex(context, importMessages),
    getStatus: unary(context, getStatus),
    listArchives: unary(context, listArchives),
    streamMessages: serverStream(context, streamMessages),
    fetch: unary(context, fetchArchives),
    takeAnnouncement: unary(context, handOverAnnouncement),
    seed: unary(context, seedArchives),
    streamEvents: serverStream(context, streamEvents),
    getEvent: unary(context, getEvent),
    listDeadLetters: serverStream(context, listDeadLetters),
    getDeadLetter: unary(context, getDeadLetter),
    replayDeadLetter: unary(context, replayDeadLetter),
    dropDeadLetter: unary(context, dropDeadLetter),
    importKey: unary(context, importKey),
    createKey: unary(context, createKey),
    listKeys: serverStream(context, listKeys),
    delegateSigning: unary(context, delegateSigning),
    rotateKeys: unary(context, rotateKeys),
    importGroupKeys: unary(context, importGroupKeys),
    exportGroupKeys: unary(context, exportGroupKeys),
    createGroupKey: unary(context, createGroupKey),
    listGroupKeys: serverStream(context, listGroupKeys),
    watchProgress: serverStream(context, watchProgress),
  }
}
