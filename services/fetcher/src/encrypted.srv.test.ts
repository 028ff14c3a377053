import { toHex } from '@annals/crypto'
import { addMember, openInstallation, openTestNode, waitForEvent } from '@annals/service/testing'
import { catalogues, downloads, waitingArchives } from '@annals/storage'
import { expect, it } from 'vitest'
import { fetcher } from './fetcher.ts'
import { encryptedWeeks, groupKey } from './testing/encrypted-weeks.ts'
import { addGroupKey, communityId } from './testing/open-scene.ts'

it('two fetchers bring what waits for keys, in whichever of them a key comes, and fetch nothing again', async () => {
  await using seeder = await openTestNode()
  const torrent = await encryptedWeeks([1, 2], 2)
  const magnetLink = await torrent.serve(seeder.context.torrents)
  const wanted = { infoHash: torrent.torrent.infoHash, magnetLink, clockMilliseconds: 5 }
  await using installation = openInstallation()
  await using a = await installation.open('fetcher-a')
  await using b = await installation.open('fetcher-b')
  await addMember(a.context, communityId)
  await a.context.state.collection(downloads).put(communityId, { wanted, tries: 0, dueAt: 1 }, 0)
  await Promise.all([a, b].map((node) => node.start(fetcher)))
  const { payload: unread } = await waitForEvent(a.context, communityId, 'ArchivesDownloaded')
  expect(unread).toMatchObject({ indexWaiting: true, archivesTotal: 0 })
  await seeder.context.torrents.unseed(communityId, wanted.infoHash)

  await addGroupKey(a.context, groupKey(2))
  const { payload: finished } = await waitForEvent(b.context, communityId, 'DownloadFinished')
  expect(finished).toMatchObject({ archivesImported: 1, archivesWaiting: 1, downloadedBytes: 0 })
  const rows = await Array.fromAsync(b.context.state.collection(waitingArchives).list())
  expect(rows.map(({ value }) => value.wantedKey)).toEqual([{ keyId: toHex(groupKey(1).keyId) }])
  await addGroupKey(b.context, groupKey(1))
  const { payload: late } = await waitForEvent(a.context, communityId, 'ArchiveDecrypted')
  expect(late).toMatchObject({ archiveId: torrent.entries[0]?.id, messagesImported: 2 })
  const catalogue = (await a.context.state.collection(catalogues).get(communityId))?.value
  expect(catalogue?.archives.map(({ messages }) => messages)).toEqual([2, 2])
})
