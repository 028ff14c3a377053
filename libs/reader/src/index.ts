// oxlint-disable-next-line import/no-unassigned-import -- it must run before the classes of the modules that follow
import './dispose-symbols.ts'
export type { ChatAttachment, ChatMessage, ChatMessageKind } from './chat/chat-message.ts'
export type { Channel, FoundMessage } from './chat/history.ts'
export type { Tally, UnreadableReason } from './chat/tally.ts'
export {
  AnnouncementRefusedError,
  FetchStalledError,
  GroupKeyTextError,
  IndexRefusedError,
  InsecureContextError,
  NoSourceError,
  PieceMissingError,
  PublicLinkError,
  ReaderClosedError,
  ReaderError,
  ReaderLinkError,
  StorageError,
  StorageFullError,
  TorrentRefusedError,
  UnknownWeekError,
} from './errors.ts'
export type { FetchStep } from './errors.ts'
export type { Export, ExportFormat } from './export/export-week.ts'
export type { Signature } from './link/check-announcement.ts'
export type { KeptInfo, KeptPieces } from './pieces/kept-pieces.ts'
export { openMemoryPieces } from './pieces/open-memory-pieces.ts'
export { openReader } from './session/open-reader.ts'
export type { ReaderBytes, ReaderPhase, ReaderState, WeekState } from './session/reader-state.ts'
export type {
  DatePlace,
  FetchProgress,
  MessagesOptions,
  OpenReaderOptions,
  Reader,
  ReaderLimits,
  ReaderPorts,
  WaitOptions,
} from './session/reader.ts'
export type { JoinOptions, Swarm, SwarmClient, SwarmListener } from './swarm/swarm-client.ts'
export type { SourceKind, SwarmEvent } from './swarm/swarm-events.ts'
export { openWebTorrentSwarm } from './swarm/webtorrent-swarm.ts'
