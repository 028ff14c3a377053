import { RatchetCache } from '@annals/crypto'
import { describe, expect, it } from 'vitest'
import type { WakuMessage } from '@annals/archive'
import {
  chatMessage,
  communityId,
  deletionOf,
  editOf,
  firstWeek,
  importedMessage,
  messageIdOf,
  sealWeek,
  weekSeconds,
} from '../testing/make-community.ts'
import { decodeWeek } from './decode-week.ts'
import { KeyRing } from './group-keys.ts'
import { History } from './history.ts'

async function weekOf(messages: readonly WakuMessage[], from = firstWeek) {
  const { encoded, to } = await sealWeek(messages, from)
  const archive = { id: 'archive', from, to, read: async () => encoded }
  return decodeWeek([archive], { communityId, lookUpKey: new KeyRing().lookUp, ratchet: new RatchetCache() })
}

const hello = chatMessage({ timestamp: firstWeek, text: 'hello' })
const inChannel = (channelId: string, at: number) => chatMessage({ timestamp: firstWeek + at, text: 'x', channelId })
const textsOf = (history: History, weekId = 'one') => [...history.messages(weekId)].map(({ text }) => text)

describe('a history', () => {
  it('shows a message as its sender changed it last, also from another week', async () => {
    const history = new History(communityId, new Map())
    history.add(
      'one',
      await weekOf([hello, editOf(hello, 'second', { clock: 2 }), editOf(hello, 'first', { clock: 1 })]),
    )
    expect(textsOf(history)).toEqual(['second'])
    const late = { ...editOf(hello, 'third', { clock: 3 }), timestamp: firstWeek + weekSeconds }
    history.add('two', await weekOf([late], firstWeek + weekSeconds))
    expect([...history.messages('one')]).toMatchObject([
      { text: 'third', editedMilliseconds: (firstWeek + weekSeconds) * 1000 },
    ])
  })

  it('lets nobody but the sender and the community take a message back, and nobody but the sender change it', async () => {
    const history = new History(communityId, new Map())
    history.add('one', await weekOf([hello, editOf(hello, 'forged', { by: 'mallory' }), deletionOf(hello, 'mallory')]))
    expect([...history.messages('one')]).toMatchObject([{ text: 'hello', deleted: false }])
    history.add('one', await weekOf([hello, deletionOf(hello, 'community')]))
    expect([...history.messages('one')]).toMatchObject([{ text: '', deleted: true }])
  })

  it('counts the messages of each channel, and names it where a name is known', async () => {
    const history = new History(communityId, new Map([['b', 'general']]))
    history.add('one', await weekOf([inChannel('a', 1), inChannel('b', 2), inChannel('a', 3)]))
    expect(history.channels()).toEqual([
      { channelId: 'b', name: 'general', messages: 1 },
      { channelId: 'a', name: '', messages: 2 },
    ])
    expect([...history.messages('one', 'b')]).toHaveLength(1)
    expect(history.channels('two')).toEqual([])
  })

  it('finds answered messages while their week is open', async () => {
    const history = new History(communityId, new Map())
    history.add('one', await weekOf([hello]))
    expect(history.find(messageIdOf(hello))).toMatchObject({ weekId: 'one', message: { text: 'hello' } })
    history.remove('one')
    expect(history.find(messageIdOf(hello))).toBeUndefined()
    expect(history.messageCount).toBe(0)
  })

  it('finds text and names whatever their case, the newest first, as changed', async () => {
    const history = new History(communityId, new Map())
    const old = importedMessage({ timestamp: firstWeek, text: 'ÄRGER', authorName: 'Anna' })
    const edited = chatMessage({ timestamp: firstWeek + weekSeconds, text: 'nothing' })
    history.add('one', await weekOf([old, { ...hello, timestamp: firstWeek + 9 }]))
    history.add('two', await weekOf([edited, editOf(edited, 'was ärger')], firstWeek + weekSeconds))
    const found = async (text: string, limit = 10) =>
      (await history.search(text, { limit })).map(({ message }) => message.text)
    expect(await found('ärger')).toEqual(['was ärger', 'ÄRGER'])
    expect(await found('ärger', 1)).toEqual(['was ärger'])
    expect(await found('ANNA')).toEqual(['ÄRGER'])
    expect(await found('  ')).toEqual([])
  })
})
