import { randomInt } from 'node:crypto'
import { killAfter, spawnScript } from '@annals/sqlite/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import type { CommunityChannel } from '../community-channel.ts'
import { ChannelClosedError, InvalidCursorError } from '../errors.ts'
import { openFolderChannel } from './open-folder-channel.ts'

const script = new URL('./testing/publish-until-killed.ts', import.meta.url)

const newFolder = (): Promise<string> => temporaryFolder('channel')

const marker = 'the end'

/** Everything on the chat up to the marker. */
async function receiveAll(channel: CommunityChannel, after?: string): Promise<{ texts: string[]; cursors: string[] }> {
  const stop = new AbortController()
  const texts: string[] = []
  const cursors: string[] = []
  const options = { signal: stop.signal, ...(after === undefined ? {} : { after }) }
  for await (const { payload, cursor } of channel.receive('chat', options)) {
    const text = new TextDecoder().decode(payload)
    if (text === marker) stop.abort()
    else texts.push(text)
    cursors.push(cursor)
  }
  return { texts, cursors }
}

describe('folder channel between processes', () => {
  it('brings all messages of several processes to a reader that waits, in one order for all', async () => {
    const folder = await newFolder()
    await using first = await openFolderChannel({ folder })
    await using second = await openFolderChannel({ folder })
    const readers = [first, second].map((channel) => receiveAll(channel))
    const runs = ['a', 'b', 'c'].map((name) => spawnScript(script, [folder, name, '0', '60']))
    expect(await Promise.all(runs.map((run) => run.ended()))).toStrictEqual([0, 0, 0])
    await first.publish('chat', new TextEncoder().encode(marker))
    const [one, two] = await Promise.all(readers)
    expect(one?.texts).toHaveLength(180)
    expect(two).toStrictEqual(one)
    for (const name of ['a', 'b', 'c']) {
      const own = one?.texts.filter((text) => text.startsWith(name))
      expect(own).toStrictEqual(Array.from({ length: 60 }, (_, number) => `${name} ${number}`))
    }
    // Whoever goes on from any of the cursors gets the rest.
    const from = randomInt(0, 180)
    expect((await receiveAll(second, one?.cursors[from])).texts).toStrictEqual(one?.texts.slice(from + 1))
  })

  it('loses and doubles nothing that was taken when publishing processes are killed', async () => {
    const folder = await newFolder()
    const taken = new Map([
      ['a', 0],
      ['b', 0],
    ])
    for (let kill = 0; kill < 3; kill++) {
      // Two at once; each begins with its last one again, which must not count twice.
      const kills = [...taken].map(async ([name, count]) => {
        const lines = await killAfter(script, [folder, name, String(Math.max(0, count - 1))], randomInt(1, 60))
        taken.set(name, Number(lines.at(-1)?.split(' ')[1]) + 1)
      })
      await Promise.all(kills)
    }
    await using channel = await openFolderChannel({ folder })
    await channel.publish('chat', new TextEncoder().encode(marker))
    const { texts } = await receiveAll(channel)
    for (const [name, count] of taken) {
      const own = texts.filter((text) => text.startsWith(name))
      expect(own).toStrictEqual(Array.from({ length: own.length }, (_, number) => `${name} ${number}`))
      // One may have been taken and not been said.
      expect(own.length - count).toBeOneOf([0, 1])
    }
  })
})

describe('folder channel', () => {
  it('refuses a cursor of another folder, whose messages are others', async () => {
    await using one = await openFolderChannel({ folder: await newFolder() })
    await using other = await openFolderChannel({ folder: await newFolder() })
    await one.publish('chat', new TextEncoder().encode(marker))
    const [cursor = ''] = (await receiveAll(one)).cursors
    const error = await receiveAll(other, cursor).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(InvalidCursorError)
    expect(error).toMatchObject({ chatId: 'chat', cursor })
  })

  it('takes a copy of what it publishes', async () => {
    await using channel = await openFolderChannel({ folder: await newFolder() })
    const buffer = Buffer.from('first')
    const publishing = channel.publish('chat', buffer)
    buffer.fill(0)
    await publishing
    await channel.publish('chat', new TextEncoder().encode(marker))
    expect((await receiveAll(channel)).texts).toStrictEqual(['first'])
  })

  it('says to all who still use it that it is closed', async () => {
    const channel = await openFolderChannel({ folder: await newFolder() })
    const waiting = receiveAll(channel).catch((error: unknown) => error)
    const asked = channel.publish('chat', Uint8Array.of(1))
    await channel[Symbol.asyncDispose]()
    await asked
    expect(await waiting).toBeInstanceOf(ChannelClosedError)
    const late = await channel.publish('chat', Uint8Array.of(2)).catch((error: unknown) => error)
    expect(late).toBeInstanceOf(ChannelClosedError)
  })
})
