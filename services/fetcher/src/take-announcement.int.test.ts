import type { ServiceContext } from '@annals/service'
import type { RefusalsDocument } from '@annals/storage'
import {
  announceChatId,
  communityIdOfPrivateKey,
  encodeJoinResponse,
  encodeMagnetMessage,
  sign,
  unwrapApplicationMessage,
  wrapApplicationMessage,
} from '@annals/crypto'
import { addControlled, addMember, eventsOf, openTestNode, privateKeyOf } from '@annals/service/testing'
import type { TestNode } from '@annals/service/testing'
import { announcementCursors, describedClocks, downloads, refusals } from '@annals/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChatCursor } from './chat-cursor.ts'
import { fetcher } from './fetcher.ts'
import { takeAnnouncement } from '@annals/service'
import { communityId, lostLink, openScene } from './testing/open-scene.ts'

let node: TestNode
let context: ServiceContext
beforeEach(async () => {
  node = await openTestNode()
  context = node.context
  await addMember(context, communityId)
})
afterEach(() => node[Symbol.asyncDispose]())

function message(magnetLink: string, clockMilliseconds: number, key = 7): Uint8Array {
  return encodeMagnetMessage({ privateKey: privateKeyOf(key), clockMilliseconds, magnetLink })
}

async function take(payload: Uint8Array, of = communityId): Promise<boolean> {
  return (await takeAnnouncement(context, of, { payload }, 'test')).kind === 'taken'
}

async function refused(of = communityId): Promise<RefusalsDocument['reasons']> {
  await context.refusals.flush()
  return (await context.state.collection(refusals).get(`${of}/announcement`))?.value.reasons ?? {}
}

interface AnswerOptions {
  readonly by?: number
  readonly about?: string
  readonly clock?: number
  readonly accepted?: boolean
  readonly magnetLink?: string | undefined
}

function answer(options: AnswerOptions): Promise<Uint8Array> {
  const { by = 7, about = communityId, clock = 5, accepted = true } = options
  const magnetLink = 'magnetLink' in options ? options.magnetLink : lostLink('d')
  const clocks = { archiveMagnetLinkClockMilliseconds: clock }
  const signHash = (hash: Uint8Array): Uint8Array => sign(privateKeyOf(by), hash)
  return encodeJoinResponse({ communityId: about, accepted, magnetLink, ...clocks, sign: signHash })
}

const good = (): Uint8Array => message(lostLink('a'), 5)

describe('an announcement that is refused is counted', () => {
  it.for<[string, () => Uint8Array]>([
    ['wrong-signer', () => message(lostLink('a'), 5, 8)],
    ['malformed', () => Uint8Array.of(255, 1, 2, 3)],
    ['malformed', () => wrapApplicationMessage({ privateKey: privateKeyOf(7), type: 43, payload: new Uint8Array() })],
    // The first field is the signature, of 65 bytes; an R of all ones is on no curve.
    ['bad-signature', () => good().fill(255, 2, 66)],
    ['bad-link', () => message('no magnet link', 5)],
  ])('as %s', async ([reason, payload]) => {
    expect(await take(payload())).toBe(false)
    expect(await refused()).toEqual({ [reason]: { count: 1, lastAt: expect.any(Number) } })
    expect(await eventsOf(context, communityId, 'MagnetLinkReceived')).toEqual([])
  })

  it('as old-clock where it is replayed after a newer one', async () => {
    expect(await take(good())).toBe(true)
    expect(await take(message(lostLink('b'), 6))).toBe(true)
    expect(await take(good())).toBe(false)
    expect(await take(good())).toBe(false)
    expect(await refused()).toMatchObject({ 'old-clock': { count: 2 } })
  })

  it('as archiving-off, and as not-joined', async () => {
    await context.registry.execute(communityId, { type: 'DisableArchiving' }, 'test')
    expect(await take(good())).toBe(false)
    await context.registry.execute(communityId, { type: 'LeaveCommunity' }, 'test')
    expect(await take(good())).toBe(false)
    expect(await refused()).toMatchObject({ 'archiving-off': { count: 1 }, 'not-joined': { count: 1 } })
  })

  it('as own-community, and as unknown-community', async () => {
    const own = await addControlled(context, 9)
    expect(await take(message(lostLink('a'), 5, 9), own)).toBe(false)
    const unknown = communityIdOfPrivateKey(privateKeyOf(99))
    expect(await take(message(lostLink('a'), 5, 99), unknown)).toBe(false)
    expect(await refused(own)).toMatchObject({ 'own-community': { count: 1 } })
    expect(await refused(unknown)).toMatchObject({ 'unknown-community': { count: 1 } })
  })

  it('as wrong-signer and as not-accepted where it is an answer to who asked to join', async () => {
    const payload = await answer({ by: 8, about: communityIdOfPrivateKey(privateKeyOf(8)) })
    expect(await take(payload)).toBe(false)
    const { payload: signedByAnother } = unwrapApplicationMessage(await answer({}))
    const forged = wrapApplicationMessage({ privateKey: privateKeyOf(8), type: 48, payload: signedByAnother })
    expect(await take(forged)).toBe(false)
    expect(await take(await answer({ accepted: false }))).toBe(false)
    expect(await refused()).toMatchObject({ 'wrong-signer': { count: 2 }, 'not-accepted': { count: 1 } })
  })

  it('but not where it tells of what is known already, nor where it is another message', async () => {
    await take(good())
    expect(await take(good())).toBe(false)
    expect(await take(message(lostLink('a'), 9))).toBe(false)
    expect(
      await take(wrapApplicationMessage({ privateKey: privateKeyOf(7), type: 2, payload: new Uint8Array() })),
    ).toBe(false)
    expect(await refused()).toEqual({})
  })
})

describe('an answer to who asked to join', () => {
  it('brings its link under the clock of the description in it, as an announcement would', async () => {
    expect(await take(await answer({ clock: 6 }))).toBe(true)
    const row = await context.state.collection(downloads).get(communityId)
    expect(row?.value.wanted).toMatchObject({ clockMilliseconds: 6, magnetLink: lostLink('d') })
    expect(await take(await answer({ clock: 6 }))).toBe(false)
    expect(await take(message(lostLink('b'), 5))).toBe(false)
    expect(await take(message(lostLink('b'), 7))).toBe(true)
    expect(await take(await answer({ clock: 6 }))).toBe(false)
    expect(await refused()).toMatchObject({ 'old-clock': { count: 2 } })
  })

  it('says nothing where the community has no archives', async () => {
    expect(await take(await answer({ magnetLink: undefined }))).toBe(false)
    expect(await refused()).toEqual({})
  })

  it('counts on an announcement chat as well', async () => {
    await using scene = await openScene()
    const chat = announceChatId(communityId, 'magnetlinks')
    await scene.seeder.context.channel.publish(chat, await answer({ clock: 6 }))
    await scene.member.start(fetcher)
    expect(await scene.untilDownload(({ wanted }) => wanted?.clockMilliseconds === 6)).toBeDefined()
  })
})

describe('a clock that the community described', () => {
  it('makes older announcements old, and leaves the one it is of', async () => {
    await context.state.collection(describedClocks).put(communityId, { clockMilliseconds: 5 }, 0)
    expect(await take(message(lostLink('b'), 4))).toBe(false)
    expect(await refused()).toMatchObject({ 'old-clock': { count: 1 } })
    expect(await take(good())).toBe(true)
  })
})

describe('a flood of forged announcements', () => {
  it('moves the place where reading goes on with few writes, and a restart goes on behind it', async () => {
    const rows = context.state.collection(announcementCursors)
    const cursor = new ChatCursor(context, communityId, 'chat')
    for (let sent = 1; sent <= 1_000; sent++) await cursor.move(String(sent))
    const during = await rows.get(communityId)
    expect(during?.version).toBeLessThan(20)
    await cursor[Symbol.asyncDispose]()
    expect(await cursor.read()).toBe('1000')
    await cursor.moveNow('1001')
    expect(await cursor.read()).toBe('1001')
  })

  it('hides no announcement that counts', async () => {
    await using scene = await openScene()
    const { context: member } = scene.member
    const chat = announceChatId(communityId, 'magnetlinks')
    for (let clock = 1; clock <= 50; clock++) await scene.announce(lostLink('b'), clock, 8)
    await scene.announce(lostLink('a'), 60)
    await scene.member.start(fetcher)
    await scene.untilCursor(chat, 51)
    await member.refusals.flush()
    const row = await member.state.collection(refusals).get(`${communityId}/announcement`)
    expect(row?.value.reasons).toMatchObject({ 'wrong-signer': { count: 50 } })
    expect(await scene.untilDownload(({ wanted }) => wanted?.clockMilliseconds === 60)).toBeDefined()
  })
})
