import { join } from 'node:path'
import { channelSchema } from '@annals/channels'
import { busSchema } from '@annals/events'
import type { DatabaseSchema } from '@annals/sqlite'
import { messageSchema, stateSchema } from '@annals/storage'
import type { AnnalsConfig } from '../config.ts'
import { wakuChannel } from '../config.ts'

type FolderSettings = Pick<AnnalsConfig, 'dataFolder' | 'channel'>

/** Where the embedded set keeps what. */
export function embeddedFiles({
  dataFolder,
  channel,
}: FolderSettings): Record<'events' | 'state' | 'messages' | 'blobs' | 'channel', string> {
  return {
    events: join(dataFolder, 'events.db'),
    state: join(dataFolder, 'state.db'),
    messages: join(dataFolder, 'messages.db'),
    blobs: join(dataFolder, 'blobs'),
    channel: channel || join(dataFolder, 'channel'),
  }
}

/** The databases of the embedded set, for who looks at them from outside. */
export function embeddedDatabases(
  config: FolderSettings,
): { readonly path: string; readonly schema: DatabaseSchema }[] {
  const files = embeddedFiles(config)
  return [
    { path: files.events, schema: busSchema },
    { path: files.state, schema: stateSchema },
    { path: files.messages, schema: messageSchema },
    ...(config.channel === wakuChannel ? [] : [{ path: join(files.channel, 'channel.db'), schema: channelSchema }]),
  ]
}
