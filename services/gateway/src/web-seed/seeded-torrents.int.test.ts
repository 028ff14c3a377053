import { openTestNode } from '@annals/service/testing'
import { catalogues, emptyCatalogue, seedings } from '@annals/storage'
import { expect, it } from 'vitest'
import { SeededTorrents } from './seeded-torrents.ts'

const communityOf = (number: number): string => `0x02${number.toString(16).padStart(64, '0')}`
const infoHash = 'ab'.repeat(20)

it('looks a community up once in a while, however often it is asked for, and sees a change after that', async () => {
  await using node = await openTestNode()
  const { state } = node.context
  const asked: string[] = []
  const watched: typeof state = {
    ...state,
    collection: (definition) => {
      asked.push(definition.name)
      return state.collection(definition)
    },
  }
  let now = 0
  const torrents = new SeededTorrents({ state: watched }, { now: () => now })
  const find = () => torrents.find(communityOf(1), infoHash, 'data')
  expect(await Promise.all(Array.from({ length: 1_000 }, find))).toEqual(Array.from({ length: 1_000 }))
  expect(asked).toEqual(['seedings'])
  const archive = { id: '', from: 1, to: 2, contentTopics: [], offsetBytes: 0, sizeBytes: 9, paddingBytes: 0 }
  await state.collection(catalogues).put(
    communityOf(1),
    {
      ...emptyCatalogue,
      archives: [{ ...archive, blob: 'a', messages: 1 }],
      torrent: { infoHash, magnetLink: '', trackers: [], infoBlob: '', indexBlob: 'i', indexBytes: 3 },
    },
    0,
  )
  await state.collection(seedings).put(communityOf(1), { current: { infoHash, generation: 1 }, starts: 1 }, 0)
  expect(await find()).toBeUndefined()
  now += 1_000
  expect(await find()).toMatchObject({ sizeBytes: 9 })
  expect(asked).toEqual(['seedings', 'seedings', 'catalogues'])
  now += 9_999
  expect(await find()).toMatchObject({ sizeBytes: 9 })
  expect(asked).toHaveLength(3)
})

it('asks nobody for what is no community or no info hash', async () => {
  const torrents = new SeededTorrents({
    state: {
      collection: () => {
        throw new Error('asked')
      },
      scrub: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
  })
  expect(await torrents.find('../etc', infoHash, 'data')).toBeUndefined()
  expect(await torrents.find(communityOf(1), 'AB', 'data')).toBeUndefined()
})

it('remembers no more than so much, however much is asked for that is not there', async () => {
  await using node = await openTestNode()
  const torrents = new SeededTorrents(node.context, { maxRemembered: 50 })
  await Promise.all(Array.from({ length: 300 }, (_, number) => torrents.find(communityOf(number), infoHash, 'data')))
  expect(torrents.weight).toBe(50)
})
