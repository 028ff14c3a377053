import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CommunityChannel } from '../community-channel.ts'
import { describeChannelLossContract, describeCommunityChannelContract } from '../testing/community-channel-contract.ts'
import type { LossyChannelHarness } from '../testing/community-channel-contract.ts'
import { openFolderChannel } from './open-folder-channel.ts'

const open = async (): Promise<LossyChannelHarness> => {
  const folder = await mkdtemp(join(tmpdir(), 'annals-channel-'))
  const opened: CommunityChannel[] = []
  const openOne = async (): Promise<CommunityChannel> => {
    const channel = await openFolderChannel({ folder })
    opened.push(channel)
    return channel
  }
  const close = async (): Promise<void> => {
    for (const channel of opened) await channel[Symbol.asyncDispose]()
  }
  return {
    channel: await openOne(),
    openSecond: openOne,
    async restart() {
      await close()
      return openOne()
    },
    async lose() {
      using database = new DatabaseSync(join(folder, 'channel.db'))
      database.exec('DELETE FROM messages')
    },
    async [Symbol.asyncDispose]() {
      await close()
      await rm(folder, { recursive: true })
    },
  }
}

describeCommunityChannelContract('folder channel', open, { carriesTraces: true })
describeChannelLossContract('folder channel', open)
